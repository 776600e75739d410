using Microsoft.EntityFrameworkCore;
using Vigia.Core.Errors;
using Vigia.Core.Master;

namespace Vigia.Core.Tenants;

/// <summary>Takes a client's row for a change: two people who press at once come one after the other.</summary>
internal static class TenantRow
{
    /// <exception cref="NotFoundException"><c>tenant_unknown</c>.</exception>
    public static async Task<Tenant> LockAsync(MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        await FindAndLockAsync(db, tenantId, cancellationToken) ?? throw new NotFoundException("tenant_unknown");

    /// <summary>Null when the client is no longer in the registry.</summary>
    public static Task<Tenant?> FindAndLockAsync(MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        db.Tenants.FromSql($"SELECT *, xmin FROM public.clientes_saas WHERE id = {tenantId} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
}
