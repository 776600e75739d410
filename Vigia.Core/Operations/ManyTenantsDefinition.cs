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

    /// <summary>The time for one tenant among many, before any operation of the kind has ended.</summary>
    protected abstract TimeSpan UsualTime { get; }

    public override bool CanCancel(Operation operation) =>
        operation.State is OperationState.Queued or OperationState.Running or OperationState.Waiting;

    public override async Task<RetryPlan?> PlanRetryAsync(
        MasterContext db, Operation operation, CancellationToken cancellationToken)
    {
        var run = await CountLeftAsync(db, operation, cancellationToken);
        return new RetryPlan(run, 0, new WorkCost(
            run * await WorkEstimates.TimePerTenantAsync(db, Kind, UsualTime, cancellationToken)));
    }

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

    /// <summary>The tenants that a retry is about: those without a result, and those that failed.</summary>
    protected static IQueryable<OperationItem> Left(MasterContext db, Operation operation) =>
        db.Set<OperationItem>().AsNoTracking().Where(i => i.OperationId == operation.Id
            && (i.State == OperationItemState.Pending || i.State == OperationItemState.Failed));

    /// <summary>Counts the tenants that a retry is about.</summary>
    protected virtual Task<int> CountLeftAsync(
        MasterContext db, Operation operation, CancellationToken cancellationToken) =>
        Left(db, operation).CountAsync(cancellationToken);

    /// <summary>A first step that lists every ready tenant, to be done in the next step.</summary>
    protected static async Task ListReadyAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO portal.operation_items (operation_id, tenant_id, name, ruc, subdomain, state)
            SELECT {context.OperationId}, t.id, coalesce(t.razon_social, t.subdominio), t.ruc, t.subdominio, 'pending'
            FROM public.clientes_saas t WHERE t.state = 'ready' ON CONFLICT DO NOTHING
            """, cancellationToken);
        await db.Set<Operation>().Where(o => o.Id == context.OperationId)
            .ExecuteUpdateAsync(
                s => s.SetProperty(o => o.ItemCount, o => db.Set<OperationItem>().Count(i => i.OperationId == o.Id)),
                cancellationToken);
        await context.CommitAsync(db, [], cancellationToken);
    }

    /// <summary>Stores the result for one tenant.</summary>
    protected async Task StoreAsync(
        OperationContext context, int tenantId, OperationItemState state, Message? message,
        CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // Attached without being read, because only this operation writes the row.
        var item = new OperationItem { OperationId = context.OperationId, TenantId = tenantId };
        db.Set<OperationItem>().Attach(item);
        (item.State, item.Message, item.At) = (state, message, time.GetUtcNow());
        db.Entry(item).Property(i => i.State).IsModified = true;
        await context.CommitAsync(db, [], cancellationToken);
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
