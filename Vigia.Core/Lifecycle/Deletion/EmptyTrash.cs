using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>Recurring: queues the purge of every tenant whose retention is over.</summary>
internal sealed class EmptyTrash(TimeProvider time) : OperationDefinition
{
    public static readonly OperationKind KindName = new("empty_trash");

    private static readonly TimeSpan RetryAfter = TimeSpan.FromDays(1);

    public override OperationKind Kind => KindName;

    public override string Right => Rights.OperationsControl;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("enqueue_due", EnqueueDueAsync)];

    private async Task EnqueueDueAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();

        // A purge that failed after all attempts, or that a person cancelled, is queued again only the next day.
        // Otherwise many of them would delay the others every hour, and the person would have no time to restore the
        // tenant.
        var retryBefore = now - RetryAfter;
        List<int> due;
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        {
            due = await db.Set<TrashedTenant>()
                .Where(t => t.PurgeAfter <= now && t.RestoreOperationId == null
                && !db.Set<Tenant>().Any(c => c.Id == t.Id))
                .Where(t => !db.Set<Operation>()
                    .Any(o => o.TenantId == t.Id && OperationStates.Unfinished.Contains(o.State)))
                .Where(t => !db.Set<Operation>().Any(o => o.TenantId == t.Id && o.Kind == PurgeTenant.KindName
                    && (o.State == OperationState.Failed || (o.State == OperationState.Cancelled && o.Error == null))
                    && o.CreatedAt >= t.DeletedAt && o.FinishedAt > retryBefore))
                .OrderBy(t => t.PurgeAfter).Take(100).Select(t => t.Id).ToListAsync(cancellationToken);
        }

        await OneByOne.RunAsync(due, id => EnqueueAsync(context, id, now, cancellationToken));
    }

    // A restore may have been requested since the list was read. It takes the same lock, so one of the two sees the
    // other.
    private static async Task EnqueueAsync(
        OperationContext context, int id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await LockedTenant.LockAsync(
            db, id, cancellationToken) is not { Registered: null, Trashed: { RestoreOperationId: null } trashed }
            || trashed.PurgeAfter > now
            || !TrashAction.Purge.IsPossible(await TrashStandings.ReadAsync(db, trashed, now, cancellationToken)))
        {
            return;
        }

        var target = OperationTarget.Of(trashed);
        context.BeginBackground(
            db, PurgeTenant.KindName, target, new PurgeData(trashed.DeleteOperationId, Early: false));
        await context.CommitAsync(db, [], cancellationToken);
    }
}
