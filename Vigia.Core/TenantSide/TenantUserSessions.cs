using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Tenancy;

namespace Vigia.Core.TenantSide;

/// <summary>Opens sessions in tenants' databases in the name of their users.</summary>
public sealed class TenantUserSessions(TenantSessions sessions, MasterIdentity identity)
{
    /// <summary>Opens a session and reads the user, whose permissions are those of this moment.</summary>
    /// <exception cref="TenantRefusedException">The tenant's database can't be reached.</exception>
    /// <exception cref="NotSignedInException">The user does not exist any more, or may not sign in.</exception>
    internal async Task<TenantUserSession> OpenAsync(TenantCaller caller, CancellationToken cancellationToken)
    {
        var session = await sessions.OpenAsync(caller.Tenant, cancellationToken);
        try
        {
            // The gate has checked that. But work may wait for its turn, and a suspension may have begun and ended
            // since.
            if (!TenantTokens.AreAccepted(caller.Claims, session.Tenant))
            {
                throw new NotSignedInException();
            }

            return new TenantUserSession(
                session, await TenantAccounts.ReadAsync(session, caller.Claims.UserId, cancellationToken)
                    ?? throw new NotSignedInException(), caller.TraceId);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a session for a call that needs a permission.</summary>
    /// <inheritdoc cref="OpenAsync(TenantCaller, CancellationToken)"/>
    /// <exception cref="ForbiddenException">The user lacks the permission.</exception>
    internal async Task<TenantUserSession> OpenAsync(
        TenantCaller caller, string permission, CancellationToken cancellationToken)
    {
        var session = await OpenAsync(caller, cancellationToken);
        try
        {
            session.Demand(permission);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a session for a call that changes something.</summary>
    /// <inheritdoc cref="OpenAsync(TenantCaller, string, CancellationToken)"/>
    internal Task<TenantUserSession> OpenToChangeAsync(
        TenantCaller caller, string permission, CancellationToken cancellationToken)
    {
        // A copy of a master must not act on the databases of the original (docs/rules.md#copied-master).
        identity.DemandWritable();
        return OpenAsync(caller, permission, cancellationToken);
    }

    /// <summary>Reads the caller.</summary>
    /// <inheritdoc cref="OpenAsync(TenantCaller, CancellationToken)"/>
    public async Task<TenantAccount> ReadAccountAsync(TenantCaller caller, CancellationToken cancellationToken)
    {
        await using var session = await OpenAsync(caller, cancellationToken);
        return session.Account;
    }
}
