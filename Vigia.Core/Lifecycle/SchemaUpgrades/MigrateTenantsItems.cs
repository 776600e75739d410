using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

/// <summary>The tenants of an upgrade of many, and the child operations that were begun for them.</summary>
internal sealed class MigrateTenantsItems(
    OperationContext context, TenantSchemaVersions versions, TimeProvider time)
{
    /// <summary>Stores the results of the children that have ended.</summary>
    /// <returns>
    /// How many of the others are running or about to run: neither backing off nor behind another operation on the same
    /// tenant.
    /// </returns>
    public async Task<int> SettleAsync(CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var begun = await (
            from item in db.Set<OperationItem>()
            where item.OperationId == context.OperationId && item.State == OperationItemState.Pending
                && item.ChildOperationId != null
            join child in db.Set<Operation>() on item.ChildOperationId equals child.Id
            select new
            {
                Item = item,
                child.State,
                child.Error,
                Rests = child.State == OperationState.Queued
                    && (child.NotBefore != null
                        || db.Set<Operation>()
                        .Any(o => o.TenantId == item.TenantId
                        && (o.State == OperationState.Running || o.State == OperationState.Cancelling))),
            }).ToListAsync(cancellationToken);
        foreach (var child in begun)
        {
            StoreOutcome(child.Item, child.State, child.Error);
        }

        if (db.ChangeTracker.HasChanges())
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await context.CommitAsync(db, [], cancellationToken);
        }

        return begun.Count(c => OperationStates.Unfinished.Contains(c.State) && !c.Rests);
    }

    /// <summary>Returns the next tenants for which no child was begun.</summary>
    public async Task<IReadOnlyList<int>> NextAsync(int most, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<OperationItem>()
            .Where(i => i.OperationId == context.OperationId && i.State == OperationItemState.Pending
            && i.ChildOperationId == null)
            .OrderBy(i => i.TenantId).Take(most).Select(i => i.TenantId).ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Begins the child operation of a tenant, uses an existing one, or records why there is nothing to do.
    /// </summary>
    /// <returns>Whether the tenant has an operation now, and whether a person has asked to cancel.</returns>
    public async Task<(bool Begun, bool Cancelling)> BeginAsync(int tenantId, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var item = await db.Set<OperationItem>()
            .SingleAsync(i => i.OperationId == context.OperationId && i.TenantId == tenantId, cancellationToken);

        // A request for this tenant alone takes the same row lock, so that both end up with one operation.
        var tenant = await TenantRow.FindAndLockAsync(db, tenantId, cancellationToken);
        var trashed = tenant is null
            && await db.Set<TrashedTenant>().AnyAsync(t => t.Id == tenantId, cancellationToken);
        if (SchemaRules.FindRefusal(
            tenant?.State, tenant?.SchemaVersion, versions.Head, trashed) is { } why)
        {
            End(item, OperationItemState.Skipped, new Message(why));
        }
        else
        {
            item.ChildOperationId = await FindAsync(db, tenantId, cancellationToken)
                ?? context.BeginChild(db, MigrateTenant.KindName, tenant!, new SchemaTarget(versions.Head));
        }

        var cancelling = await context.CommitAsync(db, [], cancellationToken);
        return (item.ChildOperationId is not null, cancelling);
    }

    /// <summary>Counts the tenants that are not finished and those that failed.</summary>
    public async Task<(int Pending, int Failed)> CountAsync(CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var items = db.Set<OperationItem>().Where(i => i.OperationId == context.OperationId);
        return (await items.CountAsync(i => i.State == OperationItemState.Pending, cancellationToken),
            await items.CountAsync(i => i.State == OperationItemState.Failed, cancellationToken));
    }

    /// <summary>Returns the unfinished upgrade of this tenant; null when there is none.</summary>
    public static async Task<Guid?> FindAsync(MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        await db.Set<Operation>()
            .Where(o => o.TenantId == tenantId && o.Kind == MigrateTenant.KindName
                && OperationStates.Unfinished.Contains(o.State))
            .Select(o => (Guid?)o.Id).FirstOrDefaultAsync(cancellationToken);

    private void StoreOutcome(OperationItem item, OperationState state, Message? error)
    {
        switch (state)
        {
            case OperationState.Succeeded:
                End(item, OperationItemState.Done, null);
                break;
            case OperationState.Failed or OperationState.Waiting:
                End(item, SchemaRules.IsSkip(error?.Code) ? OperationItemState.Skipped : OperationItemState.Failed,
                    error);
                break;
            case OperationState.Cancelled when error?.Code == "superseded":
                // A newer operation replaced it. That one is found when this tenant comes up again.
                item.ChildOperationId = null;
                break;
            case OperationState.Cancelled:
                End(item, OperationItemState.Skipped, new Message("child_cancelled"));
                break;
        }
    }

    private void End(OperationItem item, OperationItemState state, Message? message) =>
        (item.State, item.Message, item.At) = (state, message, time.GetUtcNow());
}
