using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>The tenants of an adoption of many, and the child operations that were begun for them.</summary>
internal sealed class AdoptTenantsItems(OperationContext context, TimeProvider time)
{
    /// <summary>Stores the results of the children that have ended.</summary>
    /// <returns>How many of the others are running or about to run.</returns>
    public async Task<int> SettleAsync(CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var begun = await (
            from item in db.Set<OperationItem>()
            where item.OperationId == context.OperationId && item.State == OperationItemState.Pending
                && item.ChildOperationId != null
            join child in db.Set<Operation>() on item.ChildOperationId equals child.Id
            select new { Item = item, child.State, child.Error, child.NotBefore }).ToListAsync(cancellationToken);
        foreach (var child in begun)
        {
            switch (child.State)
            {
                case OperationState.Succeeded:
                    End(child.Item, OperationItemState.Done, null);
                    break;
                case OperationState.Failed or OperationState.Waiting:
                    End(child.Item, OperationItemState.Failed, child.Error);
                    break;
                case OperationState.Cancelled:
                    End(child.Item, OperationItemState.Skipped, new Message("child_cancelled"));
                    break;
            }
        }

        if (db.ChangeTracker.HasChanges())
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await context.CommitAsync(db, [], cancellationToken);
        }

        return begun.Count(c => OperationStates.Unfinished.Contains(c.State)
            && !(c.State == OperationState.Queued && c.NotBefore is not null));
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
    /// Begins the child operation of a tenant, continues one that a person requested or that failed before, or records
    /// why there is nothing to do.
    /// </summary>
    /// <returns>Whether the tenant has an operation now, and whether a person has asked to cancel.</returns>
    public async Task<(bool Begun, bool Cancelling)> BeginAsync(int tenantId, CancellationToken cancellationToken)
    {
        var data = context.Data<AdoptTenantsData>();
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var item = await db.Set<OperationItem>()
            .SingleAsync(i => i.OperationId == context.OperationId && i.TenantId == tenantId, cancellationToken);

        // A request for this tenant alone takes the same row lock, so that both end up with one operation.
        var tenant = await TenantRow.FindAndLockAsync(db, tenantId, cancellationToken);
        if (await RefusalAsync(db, tenant, item.DatabaseName, cancellationToken) is { } why)
        {
            End(item, why.Code == "already_managed" ? OperationItemState.Skipped : OperationItemState.Failed, why);
        }
        else if (await FindAsync(db, tenantId, cancellationToken) is { } underWay)
        {
            item.ChildOperationId = underWay;
        }
        else
        {
            tenant!.RaiseLimitsRevision();
            item.ChildOperationId = context.BeginChild(db, AdoptTenant.KindName, tenant, new AdoptionData(
                item.DatabaseName!, data.KeepsOwner, data.BackupStatement, false));
        }

        var cancelling = await context.CommitAsync(db, [], cancellationToken);
        return (item.ChildOperationId is not null, cancelling);
    }

    private async Task<Message?> RefusalAsync(
        MasterContext db, Tenant? tenant, string? approved, CancellationToken cancellationToken)
    {
        if (tenant is null)
        {
            return new Message("tenant_unknown");
        }

        if ((tenant.DatabaseName ?? $"vigia_{tenant.Subdomain}") != approved)
        {
            return new Message("adopt_row_changed", tenant.DatabaseName ?? "-", approved ?? "-");
        }

        return TenantAction.Adopt.ExplainRefusal(
            await TenantStanding.ReadAsync(db, tenant, time.GetUtcNow(), cancellationToken));
    }

    private static async Task<Guid?> FindAsync(
        MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        await db.Set<Operation>().Where(o => o.TenantId == tenantId && o.Kind == AdoptTenant.KindName
                && OperationStates.Unfinished.Contains(o.State))
            .Select(o => (Guid?)o.Id).FirstOrDefaultAsync(cancellationToken);

    private void End(OperationItem item, OperationItemState state, Message? message) =>
        (item.State, item.Message, item.At) = (state, message, time.GetUtcNow());
}
