using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>Requests the provisioning of tenants.</summary>
public sealed class TenantProvisioning(
    IDbContextFactory<MasterContext> contexts, OperationQueue queue, OperationService operations,
    OperationCatalog catalog, AuditTrail audit)
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
        actor.Demand(Rights.TenantsProvision);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        TenantAction.Provision.Demand(tenant);
        if (tenant.State == TenantState.Failed && await LastFailedAsync(db, tenantId, cancellationToken) is { } failed)
        {
            await transaction.RollbackAsync(cancellationToken);
            await operations.RetryAsync(actor, failed, cancellationToken);
            return failed;
        }

        var id = Start(db, actor, tenant);
        await CommitAsync(db, actor, tenant, id, cancellationToken);
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

    private async Task CommitAsync(
        MasterContext db, Actor actor, Tenant tenant, Guid operationId, CancellationToken cancellationToken)
    {
        try
        {
            await audit.CommitAsync(db, actor, new AuditEntry("tenant.provisioning_requested")
            {
                TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain, OperationId = operationId,
            }, cancellationToken);
        }
        catch (DbUpdateException e) when (
            e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new RuleException("operation_running");
        }
    }

    private async Task<Guid?> LastFailedAsync(MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        await db.Set<Operation>().Where(o => o.TenantId == tenantId && o.State == OperationState.Failed
                && catalog.KindsThatMakeReady.Contains(o.Kind))
            .OrderByDescending(o => o.CreatedAt).Select(o => (Guid?)o.Id).FirstOrDefaultAsync(cancellationToken);
}
