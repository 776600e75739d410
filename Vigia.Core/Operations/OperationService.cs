using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Operations;

/// <summary>Shows operations to staff, and lets them retry and cancel operations.</summary>
public sealed class OperationService(
    IDbContextFactory<MasterContext> contexts, OperationCatalog catalog, AuditTrail audit)
{
    /// <summary>The largest page size.</summary>
    public const int MaxPageSize = 200;

    /// <summary>Reads a page of operations, newest first.</summary>
    public async Task<OperationPage> ListAsync(Actor actor, OperationQuery query, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenSessionAsync(actor, cancellationToken);
        var size = Math.Clamp(query.PageSize, 1, MaxPageSize);
        var list = new OperationList(db, query);
        var place = await list.FindPlaceAsync(cancellationToken);
        var reading = new ListReading<Operation, Operation>(
            span => list.Parts(span, place),
            (part, cancel) => part.ReadListedAsync(catalog.KindsNamedByData, cancel));
        var (slice, total) = await reading.ReadAsync(
            new ListSpan(query.Page == 0 ? 1 : query.Page, size, place is not null, query.Place?.Before == true),
            list.CountAsync, cancellationToken);
        slice.Rows.ForEach(o => Redact(actor, o));
        if (query.WithNames)
        {
            await NameAsync(db, slice.Rows, cancellationToken);
        }

        return new OperationPage(slice.Rows, total.Count, slice.Page, size)
        {
            TotalIsExact = total.IsExact, HasPrevious = slice.HasPrevious, HasNext = slice.HasNext,
        };
    }

    /// <summary>Reads these operations with their steps and names, by id. Unknown ids are left out.</summary>
    public async Task<IReadOnlyDictionary<Guid, Operation>> FindAsync(
        Actor actor, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var found = await db.Set<Operation>().Where(o => ids.Contains(o.Id))
            .ReadListedAsync(catalog.KindsNamedByData, cancellationToken);
        await NameAsync(db, found, cancellationToken);
        return found.ToDictionary(o => o.Id, o => Redact(actor, o));
    }

    /// <summary>
    /// Lists up to <paramref name="most"/> operations that the actor requested and that ended after
    /// <paramref name="since"/>, with their steps, oldest first. Children are left out, because their parent reports on
    /// them.
    /// </summary>
    public async Task<IReadOnlyList<Operation>> ListEndedAsync(
        Actor actor, DateTimeOffset since, int most, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var ended = await db.Set<Operation>()
            .Where(o => o.RequestedBy == actor.StaffId && o.FinishedAt > since && o.ParentId == null)
            .OrderBy(o => o.FinishedAt).ThenBy(o => o.Id).Take(most)
            .ReadListedAsync(catalog.KindsNamedByData, cancellationToken);
        await NameAsync(db, ended, cancellationToken);
        ended.ForEach(o => Redact(actor, o));
        return ended;
    }

    /// <summary>Reads the operations of these tenants that have not ended, newest first.</summary>
    public async Task<IReadOnlyList<Operation>> FindWorkAsync(
        Actor actor, IReadOnlyCollection<int> tenants, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var found = await db.Set<Operation>()
            .Where(o => o.TenantId != null && tenants.Contains(o.TenantId.Value)
                && OperationStates.Unfinished.Contains(o.State))
            .OrderByDescending(o => o.CreatedAt).ThenByDescending(o => o.Id)
            .ReadListedAsync(catalog.KindsNamedByData, cancellationToken);
        return [.. found.Select(o => Redact(actor, o))];
    }

    /// <summary>Reads one operation with its steps.</summary>
    /// <exception cref="NotFoundException"><c>operation_unknown</c>.</exception>
    public async Task<Operation> GetAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<Operation>().Where(o => o.Id == id)
            .ReadListedAsync(catalog.KindsNamedByData, cancellationToken) is [var found]
            ? Redact(actor, found)
            : throw new NotFoundException("operation_unknown");
    }

    /// <summary>
    /// Counts the operations in each state that has not ended, and those that failed since
    /// <paramref name="failedSince"/>. Each number is at most one more than <see cref="ListTotal.Most"/>: every open
    /// page asks for them with every change.
    /// </summary>
    public async Task<IReadOnlyDictionary<OperationState, int>> CountAsync(
        Actor actor, DateTimeOffset failedSince, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var all = db.Set<Operation>();
        const int Most = ListTotal.Most + 1;

        // Each is counted in the order of its index: the order keeps the planner from reading the table instead.
        var counts = await db.Set<MasterInstance>().Select(_ => new
        {
            Queued = all.Where(o => EF.Property<OperationState?>(o, OperationList.Shown) == OperationState.Queued)
                .OrderBy(o => o.CreatedAt).Take(Most).Count(),
            Running = all.Where(o => EF.Property<OperationState?>(o, OperationList.Shown) == OperationState.Running)
                .OrderBy(o => o.CreatedAt).Take(Most).Count(),
            Waiting = all.Where(o => EF.Property<OperationState?>(o, OperationList.Shown) == OperationState.Waiting)
                .OrderBy(o => o.CreatedAt).Take(Most).Count(),
            Cancelling = all
                .Where(o => EF.Property<OperationState?>(o, OperationList.Shown) == OperationState.Cancelling)
                .OrderBy(o => o.CreatedAt).Take(Most).Count(),
            Failed = all.Where(o => o.State == OperationState.Failed && o.FinishedAt > failedSince)
                .OrderBy(o => o.FinishedAt).Take(Most).Count(),
        }).SingleAsync(cancellationToken);
        return new Dictionary<OperationState, int>
        {
            [OperationState.Queued] = counts.Queued, [OperationState.Running] = counts.Running,
            [OperationState.Waiting] = counts.Waiting, [OperationState.Cancelling] = counts.Cancelling,
            [OperationState.Failed] = counts.Failed,
        }.Where(count => count.Value > 0).ToDictionary();
    }

    /// <summary>Whether <see cref="RetryAsync"/> would be accepted now.</summary>
    public static bool CanRetry(Operation operation) => operation.State is OperationState.Failed
        || (operation.State == OperationState.Waiting && !AwaitsApproval(operation))
        || operation is { State: OperationState.Queued, NotBefore: not null, IsPaused: false };

    /// <summary>
    /// Whether the operation waits for an approval. The decision is made on the request, not by a retry.
    /// </summary>
    public static bool AwaitsApproval(Operation operation) =>
        operation is { State: OperationState.Waiting, Error.Code: "awaiting_approval" };

    /// <summary>Whether <see cref="CancelAsync"/> would be accepted now.</summary>
    public bool CanCancel(Operation operation) =>
        operation.State is OperationState.Queued or OperationState.Running or OperationState.Waiting
            or OperationState.Failed
        && catalog.Kinds.Contains(operation.Kind) && catalog[operation.Kind].CanCancel(operation);

    /// <summary>
    /// The right that retrying or cancelling this operation requires, in addition to the right to control operations.
    /// It is the right to request an operation of this kind.
    /// </summary>
    /// <returns>
    /// Null for a kind that this build does not know. Such an operation can be neither retried nor cancelled here.
    /// </returns>
    public string? RightOf(Operation operation) =>
        catalog.Kinds.Contains(operation.Kind) ? catalog[operation.Kind].Right : null;

    /// <summary>Counts what <see cref="RetryAsync"/> would do, for a person to confirm.</summary>
    /// <returns>Null for an operation that is not on many tenants, and for one that this build does not know.</returns>
    /// <exception cref="ForbiddenException">As <see cref="RetryAsync"/>.</exception>
    /// <exception cref="NotFoundException"><c>operation_unknown</c>.</exception>
    public async Task<RetryPlan?> PlanRetryAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsControl);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var operation = await db.Set<Operation>().AsNoTracking()
            .SingleOrDefaultAsync(o => o.Id == id, cancellationToken)
            ?? throw new NotFoundException("operation_unknown");
        if (RightOf(operation) is not { } right)
        {
            return null;
        }

        actor.Demand(right);
        return await catalog[operation.Kind].PlanRetryAsync(db, operation, cancellationToken);
    }

    /// <summary>
    /// Queues a failed, waiting or delayed operation again. It continues at the first step that is not done.
    /// </summary>
    /// <exception cref="ForbiddenException">
    /// The actor may not control operations, or may not request an operation of this kind.
    /// </exception>
    /// <exception cref="RuleException">
    /// <c>not_retryable</c>, <c>operation_running</c>. <c>operation_overtaken</c> and others: the conditions of the
    /// operation no longer hold.
    /// </exception>
    public Task RetryAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        ChangeAsync(actor, id, "not_retryable", "operation.retried", async (db, operation) =>
        {
            if (!CanRetry(operation) || !catalog.Kinds.Contains(operation.Kind))
            {
                return false;
            }

            operation.State = OperationState.Queued;
            operation.NotBefore = null;
            operation.Attempt = operation.Crashes = 0;
            operation.Error = null;
            operation.FinishedAt = null;
            await catalog[operation.Kind].OnRetryAsync(db, operation, actor, cancellationToken);
            await db.Set<DatabaseServer>().Where(s => s.Id == operation.ServerId)
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.NotBefore, (DateTimeOffset?)null), cancellationToken);
            return true;
        }, cancellationToken);

    /// <summary>Requests the cancel of an operation. Its steps are compensated in reverse order.</summary>
    /// <exception cref="ForbiddenException">
    /// The actor may not control operations, or may not request an operation of this kind.
    /// </exception>
    /// <exception cref="RuleException">
    /// <c>not_cancellable</c>. <c>operation_overtaken</c>: a later operation has changed the result.
    /// </exception>
    public Task CancelAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        ChangeAsync(actor, id, "not_cancellable", "operation.cancel_requested", async (db, operation) =>
        {
            // The answer may depend on the steps that are done.
            await db.Entry(operation).Collection(o => o.Steps).LoadAsync(cancellationToken);
            if (!CanCancel(operation))
            {
                return false;
            }

            await catalog[operation.Kind].OnCancelRequestAsync(db, operation, cancellationToken);

            // A running operation keeps its lease, and its worker sees the new state at the next renewal. Other
            // operations are claimed for compensation.
            operation.State = OperationState.Cancelling;
            operation.Crashes = 0;
            operation.FinishedAt = null;

            // Compensation has its own count of attempts.
            operation.Attempt = 0;
            return true;
        }, cancellationToken);

    private static async Task NameAsync(
        MasterContext db, List<Operation> operations, CancellationToken cancellationToken)
    {
        var names = await TenantNames.OfAsync(db, operations.Select(o => o.TenantId), cancellationToken);
        operations.ForEach(o => o.TenantName = o.TenantId is not { } id ? null
            : names.GetValueOrDefault(id) ?? TenantNames.Of(id, null, o.Subdomain));
    }

    // A holder of a tenant's database or role may be in another tenant's database. An auditor with access to chosen
    // tenants learns only that there is a holder.
    private static Operation Redact(Actor actor, Operation operation)
    {
        if (actor.TenantScope is null)
        {
            return operation;
        }

        operation.Error = operation.Error is { Parts.Count: > 0 } error ? error with { Parts = [] } : operation.Error;
        foreach (var step in operation.Steps)
        {
            step.Error = step.Error is { Parts.Count: > 0 } of ? of with { Parts = [] } : step.Error;
        }

        return operation;
    }

    private async Task ChangeAsync(
        Actor actor, Guid id, string refusal, string action, Func<MasterContext, Operation, Task<bool>> change,
        CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsControl);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // The tenant's rows are locked first, as everywhere. A deletion or restore that is requested at the same time
        // runs before or after, not in between.
        if (await db.Set<Operation>().Where(o => o.Id == id).Select(o => o.TenantId)
            .SingleOrDefaultAsync(cancellationToken) is { } tenantId)
        {
            await LockedTenant.LockAsync(db, tenantId, cancellationToken);
        }

        var operation = await db.Set<Operation>().FromSql($"SELECT * FROM portal.operations WHERE id = {id} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("operation_unknown");
        if (RightOf(operation) is { } right)
        {
            actor.Demand(right);
        }

        if (!await change(db, operation))
        {
            throw new RuleException(refusal);
        }

        try
        {
            await audit.CommitAsync(db, actor, new AuditEntry(action)
            {
                TenantId = operation.TenantId,
                Ruc = operation.Ruc,
                Subdomain = operation.Subdomain,
                OperationId = id,
                After = new Dictionary<string, object?> { ["kind"] = operation.Kind.Code },
            }, cancellationToken);
        }
        catch (DbUpdateException e) when (
            e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Another operation of this tenant is running or waiting. The unique index allows only one.
            throw new RuleException("operation_running");
        }
    }
}
