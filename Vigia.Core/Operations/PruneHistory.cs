using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// Recurring job that removes history that is no longer needed, such as the steps of operations that ended long ago.
/// The operations themselves and the audit trail stay.
/// </summary>
internal sealed class PruneHistory(IEnumerable<HistoryPruning> prunings, TimeProvider time) : OperationDefinition
{
    public static readonly OperationKind KindName = new("prune_history");

    /// <summary>The time for which steps are kept. See docs/rules.md#history.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    public override OperationKind Kind => KindName;

    public override string Right => Rights.OperationsControl;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("prune", PruneAsync)];

    private async Task PruneAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        foreach (var pruning in prunings)
        {
            await pruning.RunAsync(db, now, cancellationToken);
        }

        await context.CommitAsync(db, [], cancellationToken);
    }

    /// <summary>
    /// Removes the steps and results of operations that ended long ago. A failed operation keeps its steps, because it
    /// can still be retried or cancelled. Without steps it would end as if everything had been done.
    /// </summary>
    internal static async Task PruneOperationsAsync(
        MasterContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ended = db.Set<Operation>().Where(o => o.FinishedAt < now - Kept && o.State != OperationState.Failed);
        await db.Set<OperationStep>().Where(s => ended.Any(o => o.Id == s.OperationId))
            .ExecuteDeleteAsync(cancellationToken);
        await db.Set<OperationItem>().Where(i => ended.Any(o => o.Id == i.OperationId))
            .ExecuteDeleteAsync(cancellationToken);
    }
}
