using Microsoft.EntityFrameworkCore;
using Vigia.Core.Api;

namespace Vigia.Core.Operations;

/// <summary>
/// Recurring: answers kept for idempotency, short-lived tokens that are over, steps and results per client of operations that ended long ago, and
/// old proofs of isolation but each client's last are removed; the operations themselves and the audit trail stay.
/// </summary>
internal sealed class PruneHistory(TimeProvider time) : OperationDefinition
{
    public const string KindName = "prune_history";

    /// <summary>How long steps are kept (architecture section 4).</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("prune", PruneAsync)];

    private async Task PruneAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() - Kept;
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.OperationSteps.Where(s => db.Operations.Any(o => o.Id == s.OperationId && o.FinishedAt < until)).ExecuteDeleteAsync(cancellationToken);
        await db.OperationItems.Where(i => db.Operations.Any(o => o.Id == i.OperationId && o.FinishedAt < until)).ExecuteDeleteAsync(cancellationToken);
        var forgotten = time.GetUtcNow() - IdempotentRequests.Kept;
        await db.IdempotentRequests.Where(r => r.CreatedAt < forgotten).ExecuteDeleteAsync(cancellationToken);
        await db.IsolationProofs.Where(p => p.FinishedAt < until && !(p.IsLast && (db.Tenants.Any(t => t.Id == p.TenantId) || db.Trash.Any(t => t.Id == p.TenantId))))
            .ExecuteDeleteAsync(cancellationToken);
        await db.ApiTokens.Where(t => t.Name == null && t.ExpiresAt < until).ExecuteDeleteAsync(cancellationToken);
        await context.CommitAsync(db, [], cancellationToken);
    }
}
