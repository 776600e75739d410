using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// An operation on many tenants with a result for each (<see cref="OperationItem"/>). Cancelling skips the tenants that
/// are left. A retry runs only the failed ones.
/// </summary>
internal abstract class ManyTenantsDefinition(TimeProvider time) : OperationDefinition
{
    private const int Batch = 200;

    protected TimeProvider Time => time;

    public override bool CanCancel(Operation operation) =>
        operation.State is OperationState.Queued or OperationState.Running or OperationState.Waiting;

    public override Task OnRetryAsync(
        MasterContext db, Operation operation, Actor actor, CancellationToken cancellationToken) =>
        db.Set<OperationItem>().Where(i => i.OperationId == operation.Id && i.State == OperationItemState.Failed)
            .ExecuteUpdateAsync(
            s => s.SetProperty(i => i.State, OperationItemState.Pending).SetProperty(i => i.Message, (Message?)null)
                .SetProperty(i => i.At, (DateTimeOffset?)null)
                .SetProperty(i => i.ChildOperationId, (Guid?)null), cancellationToken);

    public override Task OnCancelledAsync(
        MasterContext db, OperationContext context, CancellationToken cancellationToken)
    {
        var (now, why) = (time.GetUtcNow(), new Message("operation_cancelled"));
        return db.Set<OperationItem>()
            .Where(i => i.OperationId == context.OperationId && i.State == OperationItemState.Pending)
            .ExecuteUpdateAsync(
            s => s.SetProperty(i => i.State, OperationItemState.Skipped).SetProperty(i => i.Message, why)
                .SetProperty(i => i.At, now), cancellationToken);
    }

    /// <summary>Reads the next tenants that have no result yet.</summary>
    protected static async Task<List<int>> PendingAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<OperationItem>()
            .Where(i => i.OperationId == context.OperationId && i.State == OperationItemState.Pending)
            .OrderBy(i => i.TenantId).Take(Batch).Select(i => i.TenantId).ToListAsync(cancellationToken);
    }

    /// <summary>Counts the tenants of the operation. Only those in <paramref name="state"/> when it is given.</summary>
    protected static async Task<int> CountAsync(
        OperationContext context, OperationItemState? state, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<OperationItem>()
            .CountAsync(i => i.OperationId == context.OperationId && (state == null || i.State == state),
            cancellationToken);
    }

    /// <summary>Shows how many tenants have a result.</summary>
    protected static Task ReportAsync(
        OperationContext context, int over, int total, CancellationToken cancellationToken) =>
        context.ReportAsync(Progress(over, total), cancellationToken, (int)(100L * over / Math.Max(1, total)));

    /// <summary>Says in words how many tenants have a result.</summary>
    protected static Message Progress(int over, int total) => new("items_progress", Text(over), Text(total));

    /// <summary>Formats a number as an argument of a message.</summary>
    protected static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
