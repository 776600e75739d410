using System.Text.RegularExpressions;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// Finds the rules that a row from before the portal breaks. Such a row is kept and works as before. The rules are
/// those of the view <c>portal.registry_violations</c>. See docs/rules.md#taken-over-registry.
/// </summary>
public static partial class TenantCorrections
{
    /// <summary>The names of the broken rules, in the order of the fields.</summary>
    public static IReadOnlyList<string> Of(Tenant tenant) =>
    [
        .. new (string Rule, bool Holds)[]
        {
            ("vigia_ruc_digits", RucForm().IsMatch(tenant.Ruc ?? "")),
            ("razon_social_present", !string.IsNullOrEmpty(tenant.LegalName)),
            ("vigia_subdominio_form", SubdomainForm().IsMatch(tenant.Subdomain ?? "")),
            ("correo_acceso_present", !string.IsNullOrEmpty(tenant.AccessEmail)),
            ("vigia_entorno_known", TenantEnvironments.All.Contains(tenant.Environment)),
            ("vigia_limits_not_negative",
                !(tenant.MaxDocuments < 0 || tenant.MaxUsers < 0 || tenant.MaxEstablishments < 0)),
            ("config_is_object", IsObject(tenant.Config)),
        }.Where(rule => !rule.Holds).Select(rule => rule.Rule),
    ];

    // PostgreSQL stores valid JSON only, so the first character says what it is, however deep it goes.
    private static bool IsObject(string? config) => config is null || config.AsSpan().TrimStart() is ['{', ..];

    [GeneratedRegex("^[0-9]{11}$")]
    private static partial Regex RucForm();

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    private static partial Regex SubdomainForm();
}
