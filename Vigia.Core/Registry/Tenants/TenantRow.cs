using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// Locks the row of a tenant for a change, so that simultaneous changes by two people run one after the other. Also
/// changes all rows at once, which no method of <see cref="Tenant"/> can.
/// </summary>
internal static class TenantRow
{
    /// <exception cref="NotFoundException"><c>tenant_unknown</c>.</exception>
    /// <exception cref="RuleException"><c>version_differs</c>: the caller has read another version.</exception>
    public static async Task<Tenant> LockAsync(MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        await FindAndLockAsync(db, tenantId, cancellationToken) ?? throw new NotFoundException("tenant_unknown");

    /// <summary>Locks the row. Null when the tenant is no longer in the registry.</summary>
    /// <exception cref="RuleException"><c>version_differs</c>: the caller has read another version.</exception>
    public static async Task<Tenant?> FindAndLockAsync(
        MasterContext db, int tenantId, CancellationToken cancellationToken)
    {
        var tenant = await db.Set<Tenant>()
            .FromSql($"SELECT *, xmin FROM public.clientes_saas WHERE id = {tenantId} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken);
        if (tenant is not null)
        {
            db.Condition?.Demand(tenantId, tenant.Version);
        }

        return tenant;
    }

    /// <summary>
    /// Makes every tenant unmanaged: this master is a copy, and the databases belong to the original.
    /// </summary>
    public static Task<int> ForgetAllDatabasesAsync(MasterContext db, CancellationToken cancellationToken) =>
        db.Set<Tenant>().ExecuteUpdateAsync(
            s => s.SetProperty(t => t.State, TenantState.Unmanaged).SetProperty(t => t.SchemaVersion, (int?)null)
                .SetProperty(t => t.ServerId, (int?)null), cancellationToken);
}
