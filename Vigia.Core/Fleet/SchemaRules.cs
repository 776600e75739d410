using Vigia.Core.TenantDatabase;
using Vigia.Core.Tenants;

namespace Vigia.Core.Fleet;

/// <summary>Which clients' databases can be brought up now; the reasons are message codes.</summary>
internal static class SchemaRules
{
    public const string Newer = "schema_newer";
    public const string Current = "schema_current";

    // One that was deleted or fell behind between being asked for and its turn is skipped, not failed.
    private static readonly string[] Skips =
        ["tenant_unknown", "is_trashed", "is_deleting", "is_provisioning", "provisioning_failed", "never_provisioned", "tenant_unmanaged", Newer, Current];

    /// <summary>Why a client in this state can't be; null when it can.</summary>
    /// <param name="state">Null when it is not in the registry.</param>
    /// <param name="trashed">Whether it lies in the trash.</param>
    public static string? WhyNot(TenantState? state, bool trashed) => state switch
    {
        TenantState.Ready => null,
        TenantState.Provisioning => "is_provisioning",
        TenantState.Deleting => "is_deleting",
        TenantState.Failed => "provisioning_failed",
        TenantState.Registered => "never_provisioned",
        TenantState.Unmanaged => "tenant_unmanaged",
        _ => trashed ? "is_trashed" : "tenant_unknown",
    };

    /// <summary>The same for work on many, which also leaves out what is up to date according to the registry.</summary>
    public static string? WhyNot(TenantState? state, int? version, bool trashed) =>
        WhyNot(state, trashed) ?? (version > TenantSchema.HeadVersion ? Newer : version == TenantSchema.HeadVersion ? Current : null);

    /// <summary>Whether a refusal of one client's operation means that there is nothing to do for it.</summary>
    public static bool IsSkip(string? code) => Array.IndexOf(Skips, code) >= 0;
}
