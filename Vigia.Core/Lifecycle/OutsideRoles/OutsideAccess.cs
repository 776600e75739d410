using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Lifecycle.OutsideRoles;

/// <summary>
/// Gives the roles of PRODUCT_DB_ROLE and PGBOUNCER_AUTH_ROLE their access to one tenant's database, and takes it away
/// from former ones. It decides from the rows of the master each time, so it may run again at any time.
/// </summary>
internal sealed class OutsideAccess(
    IDbContextFactory<MasterContext> contexts, TenantConnections connections, TenantDatabases databases,
    MasterIdentity identity)
{
    /// <summary>
    /// Opens a database of a tenant to the wanted roles. <paramref name="session"/> is a maintenance session; the
    /// operation must have no session inside the database.
    /// </summary>
    /// <exception cref="RuleException"><c>outside_role_missing</c>.</exception>
    public async Task OpenAsync(
        OperationContext context, NpgsqlConnection session, Guid databaseId, string name,
        CancellationToken cancellationToken)
    {
        var marker = DatabaseMarker.ForDatabase(identity.MasterId, databaseId);
        foreach (var role in await ReadAsync(cancellationToken))
        {
            if (!role.IsWanted)
            {
                await OutsideRoleDdl.RevokeAsync(session, role.RoleName, name, marker, cancellationToken);
                continue;
            }

            if (await OutsideRoleDdl.ReadAsync(session, role.RoleName, cancellationToken) is null)
            {
                throw new RuleException("outside_role_missing", role.RoleName);
            }

            await RoleDdl.GrantConnectAsync(session, role.RoleName, name, marker, cancellationToken);
        }

        await WriteVerifiersAsync(context, session, databaseId, name, cancellationToken);
    }

    /// <summary>
    /// Takes the database away from all outside roles, because it goes to the trash. What a pooler could look up in it
    /// stays, as the content does: nobody can connect.
    /// </summary>
    public async Task CloseAsync(
        NpgsqlConnection session, string database, string marker, CancellationToken cancellationToken)
    {
        foreach (var role in await ReadAsync(cancellationToken))
        {
            await OutsideRoleDdl.RevokeAsync(session, role.RoleName, database, marker, cancellationToken);
        }
    }

    /// <summary>
    /// Stores what a pooler needs to let the login roles of the database in, or removes it when there is no pooler. The
    /// server gets the same verifiers. A replaced role keeps what it has until <see cref="ForgetAsync"/>.
    /// </summary>
    public async Task WriteVerifiersAsync(
        OperationContext context, NpgsqlConnection session, Guid databaseId, string name,
        CancellationToken cancellationToken)
    {
        var poolers = (await ReadAsync(cancellationToken)).Where(r => r.Purpose == OutsidePurpose.Pooler).ToList();
        if (poolers.Count == 0)
        {
            return;
        }

        if (poolers.Find(r => r.IsWanted) is not { } pooler)
        {
            await using var empty = await OpenInsideAsync(context, databaseId, name, cancellationToken);
            await PoolerSchema.DropAsync(empty, cancellationToken);
            return;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var credentials = await db.Set<TenantCredential>().AsNoTracking()
            .Where(c => c.DatabaseId == databaseId && c.ReplacedAt == null && c.DropBegunAt == null)
            .ToListAsync(cancellationToken);
        var logIns = new List<(string Role, string Verifier)>();
        foreach (var credential in credentials)
        {
            if (FindVerifier(credential) is { } verifier)
            {
                await RoleDdl.SetVerifierAsync(
                    session, credential.RoleName, verifier,
                    DatabaseMarker.ForRole(identity.MasterId, credential.Id), cancellationToken);
                logIns.Add((credential.RoleName, verifier));
            }
        }

        await using var inside = await OpenInsideAsync(context, databaseId, name, cancellationToken);
        await PoolerSchema.WriteAsync(
            inside, pooler.RoleName, [.. poolers.Where(r => !r.IsWanted).Select(r => r.RoleName)], logIns,
            cancellationToken);
    }

    /// <summary>Makes a pooler let these login roles in no longer. Sessions that it has open continue.</summary>
    public async Task ForgetAsync(
        OperationContext context, Guid databaseId, string name, IReadOnlyList<string> roles,
        CancellationToken cancellationToken)
    {
        if ((await ReadAsync(cancellationToken)).Any(r => r.Purpose == OutsidePurpose.Pooler))
        {
            await using var inside = await OpenInsideAsync(context, databaseId, name, cancellationToken);
            await PoolerSchema.ForgetAsync(inside, roles, cancellationToken);
        }
    }

    // The key of a password may be lost. A rotation is the way out then, so it must not need the lost password.
    private string? FindVerifier(TenantCredential credential)
    {
        try
        {
            return connections.VerifierOf(credential);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private async Task<List<OutsideRole>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<OutsideRole>().AsNoTracking().OrderBy(r => r.RoleName).ToListAsync(cancellationToken);
    }

    // Also for an operation on many tenants, so the marker is checked here, on the session that acts.
    private async Task<NpgsqlConnection> OpenInsideAsync(
        OperationContext context, Guid databaseId, string name, CancellationToken cancellationToken)
    {
        var session = await context.OpenUncheckedAsync(name, cancellationToken);
        try
        {
            await databases.DemandInsideAsync(session, databaseId, context.OperationId, cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }
}
