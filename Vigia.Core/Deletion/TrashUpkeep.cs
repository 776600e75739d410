using Microsoft.EntityFrameworkCore;
using Vigia.Core.Operations;

namespace Vigia.Core.Deletion;

/// <summary>Recurring: asks for the purge of everything whose time in the trash is over.</summary>
/// <remarks>The queue is lazy because it needs the catalogue, which holds this definition.</remarks>
internal sealed class EmptyTrash(Lazy<OperationQueue> queue, TimeProvider time) : OperationDefinition
{
    public const string KindName = "empty_trash";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("enqueue_due", EnqueueDueAsync)];

    private async Task EnqueueDueAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var now = time.GetUtcNow();
        var due = await db.Trash.AsNoTracking()
            .Where(t => t.PurgeAfter <= now && !db.Tenants.Any(c => c.Id == t.Id)
                && !db.Operations.Any(o => o.TenantId == t.Id
                    && (o.State == OperationState.Queued || o.State == OperationState.Running || o.State == OperationState.Waiting || o.State == OperationState.Cancelling)))
            .OrderBy(t => t.PurgeAfter).Take(100).ToListAsync(cancellationToken);
        foreach (var trashed in due)
        {
            queue.Value.Enqueue(
                db, Staff.Actor.System, PurgeTenant.KindName, new OperationTarget(trashed.Id, trashed.Ruc, trashed.Subdomain), null, OperationQueue.Background);
        }

        await context.CommitAsync(db, [], cancellationToken);
    }
}
