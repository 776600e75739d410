using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.TenantSide;

/// <summary>A session in a tenant's database in the name of one of its users, who was read on it.</summary>
internal sealed class TenantUserSession(TenantSession session, TenantAccount account, string? traceId)
    : IAsyncDisposable
{
    public TenantAccount Account => account;

    public TenantContext Db => session.Context;

    /// <summary>Whether its tenant is the only one of an installation.</summary>
    public bool IsLegacy => session.Tenant.IsLegacy;

    /// <exception cref="ForbiddenException">The user lacks it.</exception>
    public void Demand(string permission)
    {
        if (!account.Permissions.May(permission))
        {
            throw new ForbiddenException(permission);
        }
    }

    /// <summary>Adds a row. The tenant's own audit log records the user and the trace.</summary>
    public async Task AddAsync(object row, CancellationToken cancellationToken)
    {
        await using var transaction = await Db.Database.BeginTransactionAsync(cancellationToken);
        await NameActorAsync(Db, account.Id, account.Email, traceId, cancellationToken);
        Db.Add(row);
        await Db.SaveChangesAsync(cancellationToken);

        // Triggers change the given values. They are read before the COMMIT: an error after it would wrongly say that
        // nothing was added.
        await Db.Entry(row).ReloadAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Adds a user to the database of the only tenant of an installation.</summary>
    /// <exception cref="RuleException">Another user has the address or the name.</exception>
    public async Task<AddedUser> AddLegacyUserAsync(TenantUser user, CancellationToken cancellationToken)
    {
        await using var transaction = await Db.Database.BeginTransactionAsync(cancellationToken);
        await NameActorAsync(Db, account.Id, account.Email, traceId, cancellationToken);
        var added = await LegacyAccounts.AddAsync(Db, user, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return added;
    }

    /// <summary>Says in whose name the open transaction changes rows, until it ends.</summary>
    public static Task NameActorAsync(
        TenantContext db, int userId, string name, string? traceId, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            SELECT set_config('vigia.user_id', {userId.ToString(CultureInfo.InvariantCulture)}, true),
                   set_config('vigia.actor', {name}, true), set_config('vigia.trace_id', {traceId ?? ""}, true)
            """, cancellationToken);

    public ValueTask DisposeAsync() => session.DisposeAsync();
}
