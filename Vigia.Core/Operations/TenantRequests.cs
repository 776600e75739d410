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
/// that the action is possible, queues the operation and appends the audit record. A request for an operation on many
/// tenants locks no row: the operation checks each tenant again when it reaches it.
/// </summary>
public sealed class TenantRequests(
    IDbContextFactory<MasterContext> contexts, OperationQueue queue, AuditTrail audit, TimeProvider time)
{
    /// <summary>Queues the operation of <paramref name="action"/>.</summary>
    /// <param name="action">The action; it has a kind of operation.</param>
    /// <param name="record">The audit record; tenant and operation are filled in.</param>
    /// <param name="data">The data of the operation; null for none.</param>
    /// <param name="demandAsync">Checks further conditions under the lock of the row; null for none.</param>
    /// <returns>The operation's id.</returns>
    /// <exception cref="ForbiddenException">The person lacks the right.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>; the refusal of the action; <c>operation_running</c>: one of this kind is queued already.
    /// </exception>
    public Task<Guid> EnqueueAsync(
        Actor actor, int tenantId, TenantAction action, AuditEntry record, object? data,
        Func<MasterContext, Tenant, CancellationToken, Task>? demandAsync, CancellationToken cancellationToken) =>
        EnqueueAsync(actor, tenantId, action, async (db, tenant, token) =>
        {
            await (demandAsync?.Invoke(db, tenant, token) ?? Task.CompletedTask);
            return new TenantRequest(record, data);
        }, cancellationToken);

    /// <summary>
    /// Queues the operation of <paramref name="action"/> like the other overload. The request is
    /// prepared under the lock of the row.
    /// </summary>
    /// <param name="action">The action; it has a kind of operation.</param>
    /// <param name="prepareAsync">
    /// Demands what else has to hold and makes the request, under the lock of the row and in its transaction.
    /// </param>
    /// <returns>The operation's id, or that of an operation that does the same already.</returns>
    /// <exception cref="ForbiddenException">The person lacks the right.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>; the refusal of the action; <c>operation_running</c>: one of this kind is queued already.
    /// </exception>
    public async Task<Guid> EnqueueAsync(
        Actor actor, int tenantId, TenantAction action,
        Func<MasterContext, Tenant, CancellationToken, Task<TenantRequest>> prepareAsync,
        CancellationToken cancellationToken)
    {
        actor.Demand(action.Right);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        action.Demand(await TenantStanding.ReadAsync(db, tenant, time.GetUtcNow(), cancellationToken));
        var request = await prepareAsync(db, tenant, cancellationToken);
        return request.UnderWay ?? await CommitAsync(
            db, actor, action.OperationKind!.Value, request with { Target = OperationTarget.Of(tenant) },
            cancellationToken);
    }

    /// <summary>The same for a tenant in the trash.</summary>
    /// <exception cref="ForbiddenException">The person lacks the right.</exception>
    /// <exception cref="RuleException">
    /// <c>not_in_trash</c>; the refusal of the action; <c>operation_running</c>: one of this kind is queued already.
    /// </exception>
    internal async Task<Guid> EnqueueAsync(
        Actor actor, int tenantId, TrashAction action,
        Func<MasterContext, TrashedTenant, CancellationToken, Task<TenantRequest>> prepareAsync,
        CancellationToken cancellationToken)
    {
        actor.Demand(action.Right);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var trashed = (await LockedTenant.LockAsync(db, tenantId, cancellationToken)).Trashed
            ?? throw new NotFoundException("not_in_trash");
        action.Demand(await TrashStandings.ReadAsync(db, trashed, time.GetUtcNow(), cancellationToken));
        var request = await prepareAsync(db, trashed, cancellationToken);
        return await CommitAsync(
            db, actor, action.OperationKind, request with { Target = request.Target ?? OperationTarget.Of(trashed) },
            cancellationToken);
    }

    /// <summary>Queues one operation on many tenants, with a result for each. The caller demands the right.</summary>
    /// <param name="actor">The person, or the portal itself.</param>
    /// <param name="request">The operation and its record.</param>
    /// <param name="evaluateAsync">
    /// Evaluates the tenants, in the transaction of the request: each with the code of the reason to skip it, or null.
    /// </param>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException">
    /// <see cref="ManyTenantsRequest.NothingCode"/>, <see cref="ManyTenantsRequest.RunningCode"/>.
    /// </exception>
    internal async Task<Guid> EnqueueManyAsync(
        Actor actor, ManyTenantsRequest request,
        Func<MasterContext, CancellationToken, Task<IReadOnlyList<(int TenantId, string? Refusal)>>> evaluateAsync,
        CancellationToken cancellationToken)
    {
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var evaluated = await evaluateAsync(db, cancellationToken);
        var run = evaluated.Count(tenant => tenant.Refusal is null);
        if (run == 0)
        {
            throw new RuleException(request.NothingCode);
        }

        var operation = queue.Enqueue(
            db, actor, request.Kind, (OperationTarget?)null, request.Data,
            actor.StaffId is null ? OperationQueue.Background : OperationQueue.Person);
        operation.ItemCount = evaluated.Count;
        await RefuseDuplicateAsync(() => db.SaveChangesAsync(cancellationToken), request.RunningCode);
        await OperationItems.AddAsync(db, operation.Id, evaluated, request.Databases, cancellationToken);
        await audit.CommitAsync(db, actor, request.Record with
        {
            OperationId = operation.Id,
            After = new Dictionary<string, object?>(request.Record.After ?? new Dictionary<string, object?>())
            {
                ["clients"] = run,
                ["skipped"] = evaluated.Count - run,
            },
        }, cancellationToken);
        return operation.Id;
    }

    private async Task<Guid> CommitAsync(
        MasterContext db, Actor actor, OperationKind kind, TenantRequest request, CancellationToken cancellationToken)
    {
        var target = request.Target!;
        var operation = queue.Enqueue(db, actor, kind, target, request.Data, OperationQueue.Person);
        request.Apply?.Invoke(operation);
        var record = request.Record with
        {
            TenantId = target.TenantId,
            Ruc = target.Ruc,
            Subdomain = target.Subdomain,
            OperationId = operation.Id,
        };
        await RefuseDuplicateAsync(
            () => audit.CommitAsync(db, actor, [.. request.Replaced, record], cancellationToken), "operation_running");
        return operation.Id;
    }

    // Another operation of this kind is queued. A unique index allows only one.
    private static async Task RefuseDuplicateAsync(Func<Task> writeAsync, string code)
    {
        try
        {
            await writeAsync();
        }
        catch (DbUpdateException e) when (
            e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new RuleException(code);
        }
    }
}
