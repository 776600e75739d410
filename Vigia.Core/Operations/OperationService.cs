using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Core.Operations;

/// <summary>What staff see of operations and do with them.</summary>
public sealed class OperationService(
    IDbContextFactory<MasterContext> contexts, OperationCatalog catalog, AuditTrail audit)
{
    /// <summary>The largest page.</summary>
    public const int MaxPageSize = 200;

    /// <summary>A page of operations, newest first.</summary>
    public async Task<OperationPage> ListAsync(Actor actor, OperationQuery query, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var operations = db.Operations.AsNoTracking();
        operations = query switch
        {
            { TenantId: { } tenant, WithMany: true } => operations.Where(o => o.TenantId == tenant
                || (o.RequestedBy != null && db.OperationItems.Any(i => i.OperationId == o.Id && i.TenantId == tenant && i.State == OperationItemState.Done))),
            { TenantId: { } tenant } => operations.Where(o => o.TenantId == tenant),
            _ => operations,
        };
        operations = query.Kind is not { } kind ? operations : Text.SafeText.Problem(kind) is null ? operations.Where(o => o.Kind == kind) : operations.Where(o => false);
        operations = query.States is { Count: > 0 } states ? InStates(operations, states) : operations;
        operations = query.HideRoutine ? operations.Where(o => o.ParentId == null).Where(o => o.TenantId != null || o.RequestedBy != null || o.State != OperationState.Succeeded) : operations;
        var size = Math.Clamp(query.PageSize, 1, MaxPageSize);
        var total = await operations.CountAsync(cancellationToken);
        var items = await operations.OrderByDescending(o => o.CreatedAt).ThenBy(o => o.Id)
            .Skip((int)Math.Min((Math.Max(1, query.Page) - 1L) * size, int.MaxValue)).Take(size).Include(o => o.Steps.OrderBy(s => s.Ordinal)).ToListAsync(cancellationToken);
        return new OperationPage(items, total, Math.Max(1, query.Page), size);
    }

    /// <summary>These operations with their steps, by id; unknown ones are missing.</summary>
    public async Task<IReadOnlyDictionary<Guid, Operation>> FindAsync(Actor actor, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Operations.AsNoTracking().Where(o => ids.Contains(o.Id)).Include(o => o.Steps.OrderBy(s => s.Ordinal)).ToDictionaryAsync(o => o.Id, cancellationToken);
    }

    /// <summary>What the actor asked for and has ended after a moment, oldest first; not what was begun by another operation, which tells of it.</summary>
    /// <param name="actor">Who asked for it.</param>
    /// <param name="since">Only what ended later.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<IReadOnlyList<Operation>> EndedForAsync(Actor actor, DateTimeOffset since, int most, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Operations.AsNoTracking().Where(o => o.RequestedBy == actor.StaffId && o.FinishedAt > since && o.ParentId == null)
            .OrderBy(o => o.FinishedAt).ThenBy(o => o.Id).Take(most).ToListAsync(cancellationToken);
    }

    /// <summary>One operation with its steps.</summary>
    /// <exception cref="NotFoundException"><c>operation_unknown</c>.</exception>
    public async Task<Operation> GetAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Operations.AsNoTracking().Include(o => o.Steps.OrderBy(s => s.Ordinal)).SingleOrDefaultAsync(o => o.Id == id, cancellationToken)
            ?? throw new NotFoundException("operation_unknown");
    }

    /// <summary>What became of the clients of an operation on many: failed ones first, then skipped ones, then the others, by name: a client that is done stays where it was.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="id">The operation.</param>
    /// <param name="state">Only these; null for all.</param>
    /// <param name="page">From 1.</param>
    /// <param name="pageSize">1–200.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<OperationItemPage> ItemsAsync(Actor actor, Guid id, OperationItemState? state, int page, int pageSize, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var all = db.OperationItems.AsNoTracking().Where(i => i.OperationId == id);
        var counts = await all.GroupBy(i => i.State).ToDictionaryAsync(g => g.Key, g => g.Count(), cancellationToken);
        var size = Math.Clamp(pageSize, 1, MaxPageSize);
        var chosen = state is { } only ? all.Where(i => i.State == only) : all;
        var total = state is { } one ? counts.GetValueOrDefault(one) : counts.Values.Sum();
        var last = Math.Max(1, (total + size - 1) / size);
        var shown = Math.Clamp(page, 1, last);
        var items = await chosen
            .OrderBy(i => i.State == OperationItemState.Failed ? 0 : i.State == OperationItemState.Skipped ? 1 : 2)
            .ThenBy(i => EF.Functions.Collate(i.Name!, Tenants.TenantSearch.Collation)).ThenBy(i => i.TenantId)
            .Skip((shown - 1) * size).Take(size).ToListAsync(cancellationToken);
        return new OperationItemPage(items, counts, total, shown, size);
    }

    /// <summary>How many operations are in each state that is not over, and how many failed since <paramref name="failedSince"/>.</summary>
    public async Task<IReadOnlyDictionary<OperationState, int>> CountAsync(Actor actor, DateTimeOffset failedSince, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var counts = await db.Operations
            .Where(o => (o.State != OperationState.Succeeded && o.State != OperationState.Cancelled && o.State != OperationState.Failed)
                || (o.State == OperationState.Failed && o.FinishedAt > failedSince))
            .GroupBy(o => new { o.State, Paused = o.State == OperationState.Queued && o.NotBefore != null && o.Error == null })
            .Select(g => new { g.Key.State, g.Key.Paused, Count = g.Count() }).ToListAsync(cancellationToken);
        return counts.GroupBy(c => c.Paused ? OperationState.Running : c.State).ToDictionary(g => g.Key, g => g.Sum(c => c.Count));
    }

    /// <summary>Whether <see cref="RetryAsync"/> would be accepted now.</summary>
    public static bool CanRetry(Operation operation) => operation.State is OperationState.Failed
        || (operation.State == OperationState.Waiting && !AwaitsApproval(operation))
        || operation is { State: OperationState.Queued, NotBefore: not null, IsPaused: false };

    /// <summary>Whether it waits for a second person; that is decided in its own place, not by trying again.</summary>
    public static bool AwaitsApproval(Operation operation) => operation is { State: OperationState.Waiting, Error.Code: "awaiting_approval" };

    /// <summary>Whether <see cref="CancelAsync"/> would be accepted now.</summary>
    public bool CanCancel(Operation operation) =>
        operation.State is OperationState.Queued or OperationState.Running or OperationState.Waiting or OperationState.Failed
        && catalog.Kinds.Contains(operation.Kind) && catalog[operation.Kind].CanCancel(operation);

    /// <summary>Queues a failed, waiting or held-back operation again; it goes on at the first step that is not done.</summary>
    /// <exception cref="RuleException"><c>not_retryable</c>, <c>operation_running</c>.</exception>
    public Task RetryAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        ChangeAsync(actor, id, "not_retryable", "operation.retried", async (db, operation) =>
        {
            if (!CanRetry(operation))
            {
                return false;
            }

            operation.State = OperationState.Queued;
            operation.NotBefore = null;
            operation.Attempt = 0;
            operation.Error = null;
            operation.FinishedAt = null;
            await catalog[operation.Kind].OnRetryAsync(db, operation, cancellationToken);
            await db.Servers.Where(s => s.Id == operation.ServerId).ExecuteUpdateAsync(s => s.SetProperty(x => x.NotBefore, (DateTimeOffset?)null), cancellationToken);
            return true;
        }, cancellationToken);

    /// <summary>Asks for an operation to be cancelled; what it did is compensated in reverse.</summary>
    /// <exception cref="RuleException"><c>not_cancellable</c>.</exception>
    public Task CancelAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        ChangeAsync(actor, id, "not_cancellable", "operation.cancel_requested", async (db, operation) =>
        {
            // Whether it can be cancelled may depend on how far it is.
            await db.Entry(operation).Collection(o => o.Steps).LoadAsync(cancellationToken);
            if (!CanCancel(operation))
            {
                return false;
            }

            // A running one keeps its lease: its worker sees the state at the next renewal. The others are claimed for compensation.
            operation.State = OperationState.Cancelling;
            operation.FinishedAt = null;
            return true;
        }, cancellationToken);

    /// <summary>Whether an administrator has paused all workers.</summary>
    public async Task<bool> AreWorkersPausedAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Instance.Select(i => i.WorkersPaused).SingleAsync(cancellationToken);
    }

    /// <summary>Pauses or resumes all workers of all instances: what runs goes on to its end, nothing new is claimed while paused.</summary>
    public async Task PauseWorkersAsync(Actor actor, bool paused, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.WorkersPause);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var changed = await db.Instance.Where(i => i.WorkersPaused != paused).ExecuteUpdateAsync(s => s.SetProperty(i => i.WorkersPaused, paused), cancellationToken);
        if (changed > 0)
        {
            await audit.CommitAsync(db, actor, new AuditEntry(paused ? "workers.paused" : "workers.resumed"), cancellationToken);
        }
    }

    // By the state that people see (Operation.ShownState).
    private static IQueryable<Operation> InStates(IQueryable<Operation> operations, IReadOnlyList<OperationState> states)
    {
        var paused = states.Contains(OperationState.Running);
        return operations.Where(o => o.State == OperationState.Queued && o.NotBefore != null && o.Error == null ? paused : states.Contains(o.State));
    }

    private async Task ChangeAsync(
        Actor actor, Guid id, string refusal, string action, Func<MasterContext, Operation, Task<bool>> change, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsControl);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var operation = await db.Operations.FromSql($"SELECT * FROM portal.operations WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("operation_unknown");
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
                After = new Dictionary<string, object?> { ["kind"] = operation.Kind },
            }, cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Another operation of this client runs or waits: the index let only one in.
            throw new RuleException("operation_running");
        }
    }
}

/// <summary>Which operations to list.</summary>
public sealed record OperationQuery
{
    public int? TenantId { get; init; }

    /// <summary>With <see cref="TenantId"/>: also work on many clients that changed this one.</summary>
    public bool WithMany { get; init; }
    public string? Kind { get; init; }
    public IReadOnlyList<OperationState>? States { get; init; }

    /// <summary>Leaves out the portal's own recurring work that went well.</summary>
    public bool HideRoutine { get; init; }

    /// <summary>From 1.</summary>
    public int Page { get; init; } = 1;
    public int PageSize { get; init; } = 20;
}

/// <summary>A page of operations with their steps.</summary>
public sealed record OperationPage(IReadOnlyList<Operation> Items, int Total, int Page, int PageSize);

/// <summary>A page of results per client.</summary>
/// <param name="Items">Failed ones first.</param>
/// <param name="Counts">How many are in each state, of all.</param>
/// <param name="Total">How many match.</param>
/// <param name="Page">The page shown: the last one when there are no longer that many.</param>
/// <param name="PageSize">How many a page.</param>
public sealed record OperationItemPage(IReadOnlyList<OperationItem> Items, IReadOnlyDictionary<OperationItemState, int> Counts, int Total, int Page, int PageSize);
