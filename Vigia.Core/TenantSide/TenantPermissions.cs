using System.Text.Json;
using Vigia.Core.Foundation.Text;

namespace Vigia.Core.TenantSide;

/// <summary>
/// The permissions of a tenant's user: those of the roles, changed by the user's own <c>custom_permissions</c>. A
/// denial wins. See docs/rules.md#user-roles and docs/rules.md#permissions.
/// </summary>
public sealed class TenantPermissions
{
    private readonly HashSet<string> _all;

    private TenantPermissions(HashSet<string> all) => _all = all;

    /// <summary>Merges what the roles give with the user's own changes.</summary>
    /// <param name="ofRoles">The permissions of all roles, as <c>module:action</c>.</param>
    /// <param name="custom">A JSON object <c>{"module": {"action": bool}}</c>; null for no changes.</param>
    public static TenantPermissions Merge(IEnumerable<string> ofRoles, string? custom)
    {
        var all = ofRoles.ToHashSet(StringComparer.Ordinal);
        foreach (var (permission, isGiven) in Changes(custom))
        {
            _ = isGiven ? all.Add(permission) : all.Remove(permission);
        }

        return new TenantPermissions(all);
    }

    public bool May(string permission) => _all.Contains(permission);

    /// <summary>Whether all of these are held.</summary>
    public bool Include(IEnumerable<string> permissions) => permissions.All(May);

    /// <summary>The permissions by module, each with <c>true</c>, in the form of <c>custom_permissions</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, bool>> ByModule() =>
        _all.Select(permission => permission.Split(':', 2)).Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[0]).OrderBy(module => module.Key, StringComparer.Ordinal)
            .ToDictionary(module => module.Key, IReadOnlyDictionary<string, bool> (module) => module
                .Select(parts => parts[1]).Order(StringComparer.Ordinal).ToDictionary(action => action, _ => true));

    // Other programs write the column too. A text of another form changes nothing.
    private static IEnumerable<(string Permission, bool IsGiven)> Changes(string? custom)
    {
        if (custom is null)
        {
            return [];
        }

        using var json = JsonDocument.Parse(custom, StorableJson.AnyDepth);
        return json.RootElement.ValueKind != JsonValueKind.Object ? []
            : [.. from module in json.RootElement.EnumerateObject()
                  where module.Value.ValueKind == JsonValueKind.Object
                  from action in module.Value.EnumerateObject()
                  where action.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
                  select ($"{module.Name}:{action.Name}", action.Value.ValueKind == JsonValueKind.True)];
    }
}
