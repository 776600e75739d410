using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// The rows of a tenant in the registry and in the trash, locked until the caller's transaction ends.
/// </summary>
/// <param name="Registered">The row in the registry. Null when there is none.</param>
/// <param name="Trashed">
/// The row in the trash. Null when there is none. During a restore the tenant has both rows.
/// </param>
internal sealed record LockedTenant(Tenant? Registered, TrashedTenant? Trashed)
{
    /// <summary>
    /// Locks the registry row first and then the row in the trash. The row of an operation is locked after them. Every
    /// operation that drops, deletes or restores a tenant takes these locks before it decides, so that the second of
    /// two decisions sees the first.
    /// </summary>
    /// <param name="db">A context with an open transaction that has not read these rows yet.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static async Task<LockedTenant> LockAsync(
        MasterContext db, int tenantId, CancellationToken cancellationToken)
    {
        var registered = await TenantRow.FindAndLockAsync(db, tenantId, cancellationToken);
        var trashed = await db.Set<TrashedTenant>()
            .FromSql($"SELECT * FROM portal.tenant_trash WHERE id = {tenantId} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken);

        // A restore may have put the row into the registry while this call waited for the row in the trash.
        return new LockedTenant(
            registered ?? await TenantRow.FindAndLockAsync(db, tenantId, cancellationToken), trashed);
    }
}
