using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>
/// The order and the time of a run on all tenants. A run of the night has a budget: a tenant that it does not reach
/// is marked so, and the next night begins there. A run that a person asked for goes to its end.
/// </summary>
internal sealed class ProofNight(OperationContext context, TimeSpan budget, TimeProvider time)
{
    private const int Batch = 200;

    private int _after = int.MinValue;
    private DateTimeOffset? _until;

    /// <summary>Whether the budget is used up.</summary>
    public bool IsOver => _until is { } until && time.GetUtcNow() >= until;

    /// <summary>Reads where the last night ended, and when this one ends.</summary>
    public async Task<ProofNight> BeginAsync(CancellationToken cancellationToken)
    {
        if (context.Operation is { Job: { } job })
        {
            await using var db = await context.OpenMasterAsync(cancellationToken);

            // A person who tries again later gives it the whole time once more.
            var (now, started) = (time.GetUtcNow(), context.Operation.StartedAt);
            _until = (started > now - budget ? started.Value : now) + budget;
            _after = await db.Set<RecurringTick>().Where(t => t.Job == job).Select(t => t.ReachedTenant)
                .SingleOrDefaultAsync(cancellationToken) ?? int.MinValue;
        }

        return this;
    }

    /// <summary>The next tenants without a result: first those after the place where the last night ended.</summary>
    public async Task<List<int>> PendingAsync(CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var ids = Pending(db).Select(i => i.TenantId).Order();
        var later = await ids.Where(id => id > _after).Take(Batch).ToListAsync(cancellationToken);
        return later.Count > 0 ? later : await ids.Take(Batch).ToListAsync(cancellationToken);
    }

    /// <summary>Marks what was not reached, and stores where the next night begins.</summary>
    /// <returns>How many tenants were not reached.</returns>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        if (context.Operation is not { Job: { } job })
        {
            return 0;
        }

        int? reached = await PendingAsync(cancellationToken) is [var first, ..] ? first - 1 : null;
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (now, why) = (time.GetUtcNow(), new Message("not_reached"));

        // A retry takes up the tenants whose proof failed. Those that the night did not reach stay as they are, and so
        // does the place where the next night begins.
        var isRetry = reached is null && await db.Set<OperationItem>().AnyAsync(
            i => i.OperationId == context.OperationId && i.State == OperationItemState.Skipped && i.Message == why,
            cancellationToken);
        if (isRetry)
        {
            return 0;
        }

        var left = await Pending(db).ExecuteUpdateAsync(
            s => s.SetProperty(i => i.State, OperationItemState.Skipped).SetProperty(i => i.Message, why)
                .SetProperty(i => i.At, now), cancellationToken);
        await db.Set<RecurringTick>().Where(t => t.Job == job)
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.ReachedTenant, reached), cancellationToken);
        await context.CommitAsync(db, [], cancellationToken);
        return left;
    }

    private IQueryable<OperationItem> Pending(MasterContext db) => db.Set<OperationItem>()
        .Where(i => i.OperationId == context.OperationId && i.State == OperationItemState.Pending);
}
