using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Errors;
using Vigia.Core.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// An operation on many clients with a result for each (<see cref="OperationItem"/>): a person may cancel it, which skips those that are left, and trying
/// again takes up the failed ones only.
/// </summary>
internal abstract class ManyTenantsDefinition(TimeProvider time) : OperationDefinition
{
    private const int Batch = 200;

    protected TimeProvider Time => time;

    public override bool CanCancel(Operation operation) => operation.State is OperationState.Queued or OperationState.Running or OperationState.Waiting;

    public override Task OnRetryAsync(MasterContext db, Operation operation, CancellationToken cancellationToken) =>
        db.OperationItems.Where(i => i.OperationId == operation.Id && i.State == OperationItemState.Failed).ExecuteUpdateAsync(
            s => s.SetProperty(i => i.State, OperationItemState.Pending).SetProperty(i => i.Message, (Message?)null).SetProperty(i => i.At, (DateTimeOffset?)null)
                .SetProperty(i => i.ChildOperationId, (Guid?)null), cancellationToken);

    public override Task OnCancelledAsync(MasterContext db, OperationContext context, CancellationToken cancellationToken)
    {
        var (now, why) = (time.GetUtcNow(), new Message("operation_cancelled"));
        return db.OperationItems.Where(i => i.OperationId == context.OperationId && i.State == OperationItemState.Pending).ExecuteUpdateAsync(
            s => s.SetProperty(i => i.State, OperationItemState.Skipped).SetProperty(i => i.Message, why).SetProperty(i => i.At, now), cancellationToken);
    }

    /// <summary>The next clients that are not over.</summary>
    protected static async Task<List<int>> PendingAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.OperationItems.Where(i => i.OperationId == context.OperationId && i.State == OperationItemState.Pending)
            .OrderBy(i => i.TenantId).Take(Batch).Select(i => i.TenantId).ToListAsync(cancellationToken);
    }

    /// <summary>How many clients there are; of one state when given.</summary>
    protected static async Task<int> CountAsync(OperationContext context, OperationItemState? state, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.OperationItems.CountAsync(i => i.OperationId == context.OperationId && (state == null || i.State == state), cancellationToken);
    }

    /// <summary>Shows how many are over.</summary>
    protected static Task ReportAsync(OperationContext context, int over, int total, CancellationToken cancellationToken) =>
        context.ReportAsync(Progress(over, total), cancellationToken, (int)(100L * over / Math.Max(1, total)));

    /// <summary>How many are over, in words.</summary>
    protected static Message Progress(int over, int total) => new("items_progress", Text(over), Text(total));

    /// <summary>A number as an argument of a message.</summary>
    protected static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
