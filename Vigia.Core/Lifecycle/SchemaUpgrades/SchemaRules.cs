using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

/// <summary>Decides which tenant databases can be upgraded now; the reasons are message codes.</summary>
internal static class SchemaRules
{
    public const string Newer = "schema_newer";
    public const string Current = "schema_current";

    // A tenant that was deleted or became unfit between request and upgrade is skipped, not failed.
    private static readonly string[] Skips =
        ["tenant_unknown", "is_trashed", "is_deleting", "is_provisioning", "provisioning_failed", "never_provisioned",
            "tenant_unmanaged", Newer, Current];

    /// <summary>
    /// The tenants with a database that the portal manages, whether it still exists or not. The others have no version
    /// that counts.
    /// </summary>
    public static IQueryable<Tenant> Managed(IQueryable<Tenant> tenants) =>
        tenants.Where(t => t.SchemaVersion != null && t.State != TenantState.Unmanaged);

    /// <summary>Those of them whose database was on the server when it was last looked for.</summary>
    public static IQueryable<Tenant> Present(MasterContext db, IQueryable<Tenant> tenants) =>
        Managed(tenants).Where(t => !DatabaseConditions.Missing(db).Contains(t.Id));

    /// <summary>
    /// Why a tenant in this state can't be upgraded; null when it can. <paramref name="state"/> is null when the tenant
    /// is not in the registry.
    /// </summary>
    public static string? FindRefusal(TenantState? state, bool trashed) => state is { } known
        ? TenantAction.UpgradeSchema.FindRefusal(new TenantStanding(known, IsActive: true, Kind: null))
        : trashed ? "is_trashed" : "tenant_unknown";

    /// <summary>
    /// The same for an upgrade of many, which also leaves out databases that are up to date according to the registry.
    /// </summary>
    public static string? FindRefusal(TenantState? state, int? version, int head, bool trashed) =>
        FindRefusal(state, trashed)
            ?? (version > head ? Newer : version == head ? Current : null);

    /// <summary>Whether a refusal by one tenant's operation means that there is nothing to do for it.</summary>
    public static bool IsSkip(string? code) => Array.IndexOf(Skips, code) >= 0;
}
