using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Operations;

/// <summary>
/// Accepts a person's request for an operation on one tenant. One transaction demands the right, locks the row, demands
/// that the action is possible, queues the operation and appends the audit record.
/// </summary>
public sealed class TenantRequests(IDbContextFactory<MasterContext> contexts, OperationQueue queue, AuditTrail audit)
{
    /// <summary>Queues the operation of <paramref name="action"/>.</summary>
    /// <param name="actor">The person.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="action">The action; it has a kind of operation.</param>
    /// <param name="record">The audit record; tenant and operation are filled in.</param>
    /// <param name="data">The data of the operation; null for none.</param>
    /// <param name="demandAsync">What else has to hold, under the lock of the row; null for nothing.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The operation's id.</returns>
    /// <exception cref="ForbiddenException">The person lacks the right.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>; the refusal of the action; <c>operation_running</c>: one of this kind is queued already.
    /// </exception>
    public async Task<Guid> EnqueueAsync(
        Actor actor, int tenantId, TenantAction action, AuditEntry record, object? data,
        Func<MasterContext, Tenant, CancellationToken, Task>? demandAsync, CancellationToken cancellationToken)
    {
        actor.Demand(action.Right);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        action.Demand(tenant);
        if (demandAsync is not null)
        {
            await demandAsync(db, tenant, cancellationToken);
        }

        var operation = queue.Enqueue(db, actor, action.OperationKind!.Value, tenant, data);
        try
        {
            await audit.CommitAsync(db, actor, record with
            {
                TenantId = tenant.Id,
                Ruc = tenant.Ruc,
                Subdomain = tenant.Subdomain,
                OperationId = operation.Id,
            }, cancellationToken);
        }
        catch (DbUpdateException e) when (
            e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new RuleException("operation_running");
        }

        return operation.Id;
    }
}
