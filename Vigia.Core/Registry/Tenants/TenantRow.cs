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
    public static async Task<Tenant> LockAsync(MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        await FindAndLockAsync(db, tenantId, cancellationToken) ?? throw new NotFoundException("tenant_unknown");

    /// <summary>Locks the row. Null when the tenant is no longer in the registry.</summary>
    public static Task<Tenant?> FindAndLockAsync(MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        db.Set<Tenant>().FromSql($"SELECT *, xmin FROM public.clientes_saas WHERE id = {tenantId} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken);

    /// <summary>
    /// Makes every tenant unmanaged: this master is a copy, and the databases belong to the original.
    /// </summary>
    public static Task<int> ForgetAllDatabasesAsync(MasterContext db, CancellationToken cancellationToken) =>
        db.Set<Tenant>().ExecuteUpdateAsync(
            s => s.SetProperty(t => t.State, TenantState.Unmanaged).SetProperty(t => t.SchemaVersion, (int?)null)
                .SetProperty(t => t.ServerId, (int?)null), cancellationToken);
}
