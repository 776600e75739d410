using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>Requests the provisioning of tenants.</summary>
public sealed class TenantProvisioning(
    TenantRequests requests, OperationQueue queue, OperationService operations, OperationCatalog catalog)
{
    /// <summary>
    /// Provisions a registered tenant. For a failed tenant, retries the failed operation instead.
    /// </summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>already_provisioned</c>, <c>operation_running</c>, <c>tenant_unmanaged</c>.
    /// </exception>
    public async Task<Guid> ProvisionAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        Guid? failed = null;
        var id = await requests.EnqueueAsync(actor, tenantId, TenantAction.Provision, async (db, tenant, token) =>
        {
            failed = tenant.State == TenantState.Failed ? await LastFailedAsync(db, tenantId, token) : null;
            if (failed is { } last)
            {
                return TenantRequest.AlreadyUnderWay(last);
            }

            tenant.BeginProvisioning();
            return new TenantRequest(new AuditEntry("tenant.provisioning_requested"));
        }, cancellationToken);
        if (failed is not null)
        {
            await operations.RetryAsync(actor, id, cancellationToken);
        }

        return id;
    }

    /// <summary>
    /// Marks the tenant as being provisioned and queues the operation; the caller saves and commits.
    /// </summary>
    /// <returns>The operation's id.</returns>
    public Guid Start(MasterContext db, Actor actor, Tenant tenant) =>
        Start(tenant, () => queue.Enqueue(db, actor, ProvisionTenant.KindName, tenant).Id);

    internal static Guid Start(Tenant tenant, Func<Guid> enqueue)
    {
        tenant.BeginProvisioning();
        return enqueue();
    }

    private async Task<Guid?> LastFailedAsync(MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        await db.Set<Operation>().Where(o => o.TenantId == tenantId && o.State == OperationState.Failed
                && catalog.KindsThatMakeReady.Contains(o.Kind))
            .OrderByDescending(o => o.CreatedAt).Select(o => (Guid?)o.Id).FirstOrDefaultAsync(cancellationToken);
}
