using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// The names by which people know tenants: the legal name, now or as it was last, else the sub-domain. Records and
/// operations keep only RUC and sub-domain.
/// </summary>
public static class TenantNames
{
    /// <summary>The name of a tenant, whose legal name may be missing in a registry that was taken over.</summary>
    public static string Of(int id, string? legalName, string? subdomain) =>
        !string.IsNullOrWhiteSpace(legalName) ? legalName
            : !string.IsNullOrWhiteSpace(subdomain) ? subdomain : $"#{id}";

    /// <summary>Finds the names of the tenants that these records are about or mention.</summary>
    internal static Task<IReadOnlyDictionary<int, string>> OfAsync(
        MasterContext db, IReadOnlyCollection<AuditEvent> records, int? alsoOf, CancellationToken cancellationToken) =>
        OfAsync(
            db, records.Select(e => e.TenantId).Append(alsoOf)
                .Concat(records.SelectMany(e => MentionedTenants(e.Before).Concat(MentionedTenants(e.After)))),
            cancellationToken);

    /// <summary>
    /// Finds the names of these tenants: in the registry, in the trash, or for destroyed ones in the audit trail.
    /// Tenants that the context does not see are left out.
    /// </summary>
    internal static async Task<IReadOnlyDictionary<int, string>> OfAsync(
        MasterContext db, IEnumerable<int?> tenantIds, CancellationToken cancellationToken)
    {
        var ids = tenantIds.OfType<int>().Distinct().ToArray();
        if (ids.Length == 0)
        {
            return new Dictionary<int, string>();
        }

        var names = await db.Set<Tenant>().Where(t => ids.Contains(t.Id))
            .Select(t => new { t.Id, t.LegalName, t.Subdomain })
            .Concat(db.Set<TrashedTenant>().Where(t => ids.Contains(t.Id))
                .Select(t => new { t.Id, LegalName = (string?)t.LegalName, Subdomain = (string?)t.Subdomain }))
            .ToListAsync(cancellationToken);
        var found = names.DistinctBy(t => t.Id).ToDictionary(t => t.Id, t => Of(t.Id, t.LegalName, t.Subdomain));
        var gone = ids.Where(id => !found.ContainsKey(id)).ToArray();
        if (gone.Length > 0)
        {
            var purged = await db.Set<AuditEvent>()
                .Where(e => e.TenantId != null && gone.Contains(e.TenantId.Value) && e.Action == "tenant.purged")
                .Select(e => new { Id = e.TenantId!.Value, e.Before, e.Subdomain }).ToListAsync(cancellationToken);
            foreach (var tenant in purged)
            {
                found[tenant.Id] = Of(tenant.Id, LegalNameIn(tenant.Before), tenant.Subdomain);
            }
        }

        return found;
    }

    /// <summary>The legal name in the values that a record of a destroyed tenant keeps.</summary>
    internal static string? LegalNameIn(string? values)
    {
        // An earlier build or a person with SQL may have written anything.
        using var read = JsonDocument.Parse(values ?? "{}", StorableJson.AnyDepth);
        return read.RootElement.ValueKind == JsonValueKind.Object
            && read.RootElement.TryGetProperty("razon_social", out var name) && name.ValueKind == JsonValueKind.String
                ? name.GetString() : null;
    }

    /// <summary>Whether the value of a record is the id of a tenant.</summary>
    public static bool IsTenantId(string field) => field is "tenant_id" or "first_tenant_id";

    // The tenants to which a person's access was limited, and those whose id is a value.
    private static IEnumerable<int?> MentionedTenants(string? values)
    {
        if (values?.Contains("tenant_id", StringComparison.Ordinal) != true)
        {
            return [];
        }

        using var read = JsonDocument.Parse(values, StorableJson.AnyDepth);
        return read.RootElement.ValueKind != JsonValueKind.Object ? []
            : [.. read.RootElement.EnumerateObject().SelectMany(value => value switch
            {
                { Name: "tenant_ids", Value.ValueKind: JsonValueKind.Array } =>
                    value.Value.EnumerateArray().Select(IdOf),
                _ when IsTenantId(value.Name) => [IdOf(value.Value)],
                _ => [],
            })];
    }

    private static int? IdOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) ? id : null;
}
