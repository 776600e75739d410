using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Servers;

/// <summary>
/// Finds the own database of each tenant: the one that it works in, or the one that waits in the trash. An index keeps
/// it the only one. Copies that stand next to it, and those that it replaced, are not its own.
/// </summary>
public static class OwnDatabases
{
    /// <summary>The condition of the unique index, which is that of <see cref="Of(MasterContext)"/>.</summary>
    internal const string Condition = "kind IN ('tenant', 'trash')";

    /// <summary>Queries the own databases of all tenants. Usable inside other queries.</summary>
    public static IQueryable<ManagedDatabase> Of(MasterContext db) =>
        db.Set<ManagedDatabase>().Where(d => d.Kind == DatabaseKind.Tenant || d.Kind == DatabaseKind.Trash);

    /// <summary>Queries the own database of one tenant: one row, or none when the portal made no database for
    /// it.</summary>
    public static IQueryable<ManagedDatabase> Of(MasterContext db, int tenantId) =>
        Of(db).Where(d => d.TenantId == tenantId);
}
