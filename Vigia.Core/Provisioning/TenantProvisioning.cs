using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core.Provisioning;

/// <summary>Asks for a client's database to be made.</summary>
public sealed class TenantProvisioning(IDbContextFactory<MasterContext> contexts, OperationQueue queue, OperationService operations, AuditTrail audit)
{
    /// <summary>Provisions a registered client; goes on with what failed of a failed one, under the same operation.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException"><c>tenant_unknown</c>, <c>already_provisioned</c>, <c>operation_running</c>, <c>tenant_unmanaged</c>.</exception>
    public async Task<Guid> ProvisionAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsProvision);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        switch (tenant.State)
        {
            case TenantState.Failed when await LastFailedAsync(db, tenantId, cancellationToken) is { } failed:
                await transaction.RollbackAsync(cancellationToken);
                await operations.RetryAsync(actor, failed, cancellationToken);
                return failed;
            case TenantState.Registered or TenantState.Failed:
                var id = Start(db, actor, tenant);
                await CommitAsync(db, actor, tenant, id, cancellationToken);
                return id;
            case TenantState.Unmanaged:
                throw new RuleException("tenant_unmanaged");
            default:
                throw new RuleException(tenant.State == TenantState.Ready ? "already_provisioned" : "operation_running");
        }
    }

    /// <summary>Marks the client as being provisioned and queues the operation; the caller saves and commits.</summary>
    /// <returns>The operation's id.</returns>
    public Guid Start(MasterContext db, Actor actor, Tenant tenant) => Start(tenant, () => queue.Enqueue(db, actor, ProvisionTenant.KindName, tenant).Id);

    internal static Guid Start(Tenant tenant, Func<Guid> enqueue)
    {
        tenant.State = TenantState.Provisioning;
        return enqueue();
    }

    private async Task CommitAsync(MasterContext db, Actor actor, Tenant tenant, Guid operationId, CancellationToken cancellationToken)
    {
        try
        {
            await audit.CommitAsync(db, actor, new AuditEntry("tenant.provisioning_requested")
            {
                TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain, OperationId = operationId,
            }, cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new RuleException("operation_running");
        }
    }

    private static async Task<Guid?> LastFailedAsync(MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        await db.Operations.Where(o => o.TenantId == tenantId && o.State == OperationState.Failed
                && (o.Kind == ProvisionTenant.KindName || o.Kind == Deletion.RestoreTenant.KindName))
            .OrderByDescending(o => o.CreatedAt).Select(o => (Guid?)o.Id).FirstOrDefaultAsync(cancellationToken);
}
