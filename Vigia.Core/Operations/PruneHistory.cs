using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// Recurring job that removes history that is no longer needed, such as the steps of operations that ended long ago.
/// The operations on tenants and of people, and the audit trail, stay. Each transaction removes a limited number of
/// rows, so that a first run after years is many short ones.
/// </summary>
internal sealed class PruneHistory(IEnumerable<HistoryPruning> prunings, TimeProvider time) : OperationDefinition
{
    public static readonly OperationKind KindName = new("prune_history");

    /// <summary>The time for which steps are kept. See docs/rules.md#history.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    /// <summary>
    /// The time for which the results of the portal's own recurring work are kept. A night has one for each tenant.
    /// </summary>
    public static readonly TimeSpan RoutineKept = TimeSpan.FromDays(7);

    /// <summary>How many rows one transaction removes.</summary>
    public const int Batch = 5_000;

    public override OperationKind Kind => KindName;

    public override string Right => Rights.OperationsControl;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("prune", PruneAsync)];

    private async Task PruneAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var pruning in prunings)
        {
            int removed;
            do
            {
                await using var db = await context.OpenMasterAsync(cancellationToken);
                await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
                removed = await pruning.RunAsync(db, now, Batch, cancellationToken);
                await context.CommitAsync(db, [], cancellationToken);
            }
            while (removed >= Batch);
        }
    }

    /// <summary>
    /// Removes the steps of operations that ended long ago. A failed operation keeps its steps, because it can still be
    /// retried or cancelled. Without steps it would end as if everything had been done.
    /// </summary>
    internal static Task<int> PruneStepsAsync(
        MasterContext db, DateTimeOffset now, int most, CancellationToken cancellationToken) =>
        db.Set<OperationStep>().Where(s => Ended(db, now).Any(o => o.Id == s.OperationId)).Take(most)
            .ExecuteDeleteAsync(cancellationToken);

    /// <summary>
    /// Removes the results of operations on many tenants that ended long ago, and those of recurring work that ended
    /// some nights ago: of failed runs too, except for the tenants that are to be tried again.
    /// </summary>
    internal static async Task<int> PruneItemsAsync(
        MasterContext db, DateTimeOffset now, int most, CancellationToken cancellationToken)
    {
        var removed = await db.Set<OperationItem>().Where(i => Ended(db, now).Any(o => o.Id == i.OperationId))
            .Take(most).ExecuteDeleteAsync(cancellationToken);
        return removed + await db.Set<OperationItem>()
            .Where(i => (i.State == OperationItemState.Done || i.State == OperationItemState.Skipped)
                && db.Set<Operation>().Any(o => o.Id == i.OperationId && o.RequestedBy == null && o.ParentId == null
                    && o.TenantId == null && o.FinishedAt < now - RoutineKept))
            .Take(most - removed).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>
    /// Removes the portal's own recurring work that succeeded long ago, on no tenant, and that no audit record names.
    /// There are hundreds a day.
    /// </summary>
    internal static Task<int> PruneRoutineAsync(
        MasterContext db, DateTimeOffset now, int most, CancellationToken cancellationToken) =>
        db.Set<Operation>().Where(o => o.State == OperationState.Succeeded && o.CreatedAt < now - Kept
            && o.FinishedAt < now - Kept && o.TenantId == null && o.RequestedBy == null && o.ParentId == null
            && !db.Set<AuditEvent>().Any(e => e.OperationId == o.Id)).Take(most).ExecuteDeleteAsync(cancellationToken);

    private static IQueryable<Operation> Ended(MasterContext db, DateTimeOffset now) =>
        db.Set<Operation>().Where(o => o.FinishedAt < now - Kept && o.State != OperationState.Failed);
}
