using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Servers;

/// <summary>
/// Finds the tenants whose own database can't be used, as it was last observed. They are few, so the queries begin
/// there. Usable inside other queries.
/// </summary>
public static class DatabaseConditions
{
    /// <summary>The condition of the index that these queries use.</summary>
    internal const string NotUsable = "NOT is_present OR refusal IS NOT NULL";

    /// <summary>The ids of the tenants whose database does not exist any more.</summary>
    public static IQueryable<int?> Missing(MasterContext db) =>
        OwnDatabases.Of(db).Where(d => db.Set<ObservedDatabase>()
            .Any(o => o.ServerId == d.ServerId && o.Name == d.Name && !o.IsPresent)).Select(d => d.TenantId);

    /// <summary>The ids of the tenants whose database exists and refuses sessions.</summary>
    public static IQueryable<int?> Unreachable(MasterContext db) =>
        OwnDatabases.Of(db).Where(d => db.Set<ObservedDatabase>()
            .Any(o => o.ServerId == d.ServerId && o.Name == d.Name && o.IsPresent && o.Refusal != null))
            .Select(d => d.TenantId);
}
