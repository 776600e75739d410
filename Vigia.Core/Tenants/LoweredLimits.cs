using Vigia.Core.Registry.Databases;

namespace Vigia.Core.Tenants;

/// <summary>Compares new limits with the current usage.</summary>
public static class LoweredLimits
{
    /// <summary>
    /// The limits in <paramref name="wanted"/> that are changed to less than the current usage. Nothing is removed, but
    /// nothing can be added.
    /// </summary>
    /// <returns>The field's name, the usage, and the new limit.</returns>
    public static IReadOnlyList<(string Field, long Used, long Limit)> LoweredBelowUse(
        this TenantContent content, TenantDetails seen, TenantDetails wanted)
    {
        (string Field, long? Used, long? Before, long? After)[] limits =
        [
            ("max_usuarios", content.ActiveUsers, seen.MaxUsers, wanted.MaxUsers),
            ("max_establecimientos", content.ActiveEstablishments, seen.MaxEstablishments, wanted.MaxEstablishments),
            ("max_comprobantes", content.DocumentsThisMonth, seen.LimitIssuance ? seen.MaxDocuments : null,
                wanted.LimitIssuance ? wanted.MaxDocuments : null),
        ];
        return [.. limits.Where(l => l.After != l.Before && l.After < l.Used)
            .Select(l => (l.Field, l.Used!.Value, l.After!.Value))];
    }
}
