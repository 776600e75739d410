using Microsoft.EntityFrameworkCore;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.TenantDatabase;
using Vigia.Core.Tenants;

namespace Vigia.Core.Fleet;

/// <summary>The clients of an upgrade of many, and the operations that were begun for them.</summary>
internal sealed class MigrateTenantsItems(OperationContext context, TimeProvider time)
{
    private static readonly OperationState[] Unfinished = [OperationState.Queued, OperationState.Running, OperationState.Waiting, OperationState.Cancelling];

    /// <summary>Writes the results of those that have ended.</summary>
    /// <returns>How many of the others are at work or will be at once: neither backing off nor behind another operation of the same client.</returns>
    public async Task<int> SettleAsync(CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var begun = await (
            from item in db.OperationItems
            where item.OperationId == context.OperationId && item.State == OperationItemState.Pending && item.ChildOperationId != null
            join child in db.Operations on item.ChildOperationId equals child.Id
            select new
            {
                Item = item,
                child.State,
                child.Error,
                Rests = child.State == OperationState.Queued
                    && (child.NotBefore != null || db.Operations.Any(o => o.TenantId == item.TenantId && (o.State == OperationState.Running || o.State == OperationState.Cancelling))),
            }).ToListAsync(cancellationToken);
        foreach (var child in begun)
        {
            Settle(child.Item, child.State, child.Error);
        }

        if (db.ChangeTracker.HasChanges())
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await context.CommitAsync(db, [], cancellationToken);
        }

        return begun.Count(c => Unfinished.Contains(c.State) && !c.Rests);
    }

    /// <summary>The next clients for which nothing was begun.</summary>
    public async Task<IReadOnlyList<int>> NextAsync(int most, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.OperationItems.Where(i => i.OperationId == context.OperationId && i.State == OperationItemState.Pending && i.ChildOperationId == null)
            .OrderBy(i => i.TenantId).Take(most).Select(i => i.TenantId).ToListAsync(cancellationToken);
    }

    /// <summary>Begins the operation of one client, takes the one that is there, or writes why there is nothing to do.</summary>
    /// <returns>Whether one was begun, and whether a person asked to cancel.</returns>
    public async Task<(bool Begun, bool Cancelling)> BeginAsync(int tenantId, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var item = await db.OperationItems.SingleAsync(i => i.OperationId == context.OperationId && i.TenantId == tenantId, cancellationToken);

        // Whoever asks for this client alone takes the row too: there is one operation for both.
        var tenant = await TenantRow.FindAndLockAsync(db, tenantId, cancellationToken);
        var trashed = tenant is null && await db.Trash.AnyAsync(t => t.Id == tenantId, cancellationToken);
        if (SchemaRules.WhyNot(tenant?.State, tenant?.SchemaVersion, trashed) is { } why)
        {
            End(item, OperationItemState.Skipped, new Message(why));
        }
        else
        {
            item.ChildOperationId = await FindAsync(db, tenantId, cancellationToken)
                ?? context.BeginChild(db, MigrateTenant.KindName, tenant!, new SchemaTarget(TenantSchema.HeadVersion));
        }

        var cancelling = await context.CommitAsync(db, [], cancellationToken);
        return (item.ChildOperationId is not null, cancelling);
    }

    /// <summary>How many are not over, and how many failed.</summary>
    public async Task<(int Pending, int Failed)> CountAsync(CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var items = db.OperationItems.Where(i => i.OperationId == context.OperationId);
        return (await items.CountAsync(i => i.State == OperationItemState.Pending, cancellationToken), await items.CountAsync(i => i.State == OperationItemState.Failed, cancellationToken));
    }

    /// <summary>The unfinished operation on this client's schema; null when there is none.</summary>
    public static async Task<Guid?> FindAsync(MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        await db.Operations.Where(o => o.TenantId == tenantId && o.Kind == MigrateTenant.KindName && Unfinished.Contains(o.State))
            .Select(o => (Guid?)o.Id).FirstOrDefaultAsync(cancellationToken);

    private void Settle(OperationItem item, OperationState state, Message? error)
    {
        switch (state)
        {
            case OperationState.Succeeded:
                End(item, OperationItemState.Done, null);
                break;
            case OperationState.Failed or OperationState.Waiting:
                End(item, SchemaRules.IsSkip(error?.Code) ? OperationItemState.Skipped : OperationItemState.Failed, error);
                break;
            case OperationState.Cancelled when error?.Code == "superseded":
                // A newer one does it: it is found when this client's turn comes again.
                item.ChildOperationId = null;
                break;
            case OperationState.Cancelled:
                End(item, OperationItemState.Skipped, new Message("child_cancelled"));
                break;
        }
    }

    private void End(OperationItem item, OperationItemState state, Message? message) => (item.State, item.Message, item.At) = (state, message, time.GetUtcNow());
}
