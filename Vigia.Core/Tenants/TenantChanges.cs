using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>The effect of a change on the row of a tenant.</summary>
/// <param name="Outcome">The result for the caller.</param>
/// <param name="Record">The audit record without the tenant; null when nothing changed and nothing is written.</param>
internal sealed record TenantChange<TResult>(TResult Outcome, AuditEntry? Record)
{
    /// <summary>Explains a duplicate value that the database refused; null if no value can be a duplicate.</summary>
    public Func<CancellationToken, Task<RuleException>>? ExplainDuplicateAsync { get; init; }
}

/// <summary>
/// Changes the row of one tenant at once. One transaction demands the right, locks the row, demands that the action is
/// possible, changes the row, and appends the audit record. <see cref="TenantRequests"/> is the same for an action that
/// starts an operation.
/// </summary>
public sealed class TenantChanges(IDbContextFactory<MasterContext> contexts, AuditTrail audit, TimeProvider time)
{
    /// <summary>Makes one change.</summary>
    /// <param name="action">The action; it names the right and the states in which it is possible.</param>
    /// <param name="changeAsync">Makes the change, under the lock of the row and in its transaction.</param>
    /// <param name="refuse">
    /// Turns a refusal of the action into a result, for example because the tenant already is as requested, or throws;
    /// null throws every refusal.
    /// </param>
    /// <exception cref="ForbiddenException">The person lacks the right.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>; the refusal of the action; <c>version_differs</c>: the actor demands another version of
    /// the row.
    /// </exception>
    internal async Task<TResult> ChangeAsync<TResult>(
        Actor actor, int tenantId, TenantAction action,
        Func<MasterContext, Tenant, CancellationToken, Task<TenantChange<TResult>>> changeAsync,
        Func<string, TResult>? refuse, CancellationToken cancellationToken)
    {
        actor.Demand(action.Right);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        var standing = action.IsDecidedByRow ? TenantStanding.Of(tenant)
            : await TenantStanding.ReadAsync(db, tenant, time.GetUtcNow(), cancellationToken);
        if (action.FindRefusal(standing, actor.May) is { } refusal)
        {
            return refuse is null ? throw new RuleException(refusal) : refuse(refusal);
        }

        var change = await changeAsync(db, tenant, cancellationToken);
        if (change.Record is null)
        {
            return change.Outcome;
        }

        var record = change.Record with { TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain };
        try
        {
            await audit.CommitAsync(db, actor, record, cancellationToken);
            return change.Outcome;
        }
        catch (DbUpdateException e) when (change.ExplainDuplicateAsync is not null
            && e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw await change.ExplainDuplicateAsync(cancellationToken);
        }
    }
}
