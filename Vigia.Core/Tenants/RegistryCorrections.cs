using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>A row of the registry that breaks a rule.</summary>
/// <param name="Rules">The rules, as <c>portal.registry_violations</c> names them.</param>
public sealed record RowToCorrect(int TenantId, string Name, IReadOnlyList<string> Rules);

/// <summary>
/// Lists the rows that the product wrote before the portal came and that break a rule. They are kept and work as
/// before. Changing the field mends them.
/// </summary>
public sealed class RegistryCorrections(IDbContextFactory<MasterContext> contexts)
{
    private const int Most = 1_000;

    /// <summary>Lists them by tenant.</summary>
    public async Task<IReadOnlyList<RowToCorrect>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var found = await db.Database.SqlQuery<Violation>($"""
            SELECT v.id AS "Id", v.rule AS "Rule" FROM portal.registry_violations v ORDER BY v.id, v.rule LIMIT {Most}
            """).ToListAsync(cancellationToken);
        var ids = found.Select(v => v.Id).Distinct().ToArray();

        // Only the tenants that the person may know of.
        var names = await db.Set<Tenant>().Where(t => ids.Contains(t.Id))
            .ToDictionaryAsync(t => t.Id, t => t.LegalName ?? t.Subdomain ?? "", cancellationToken);
        return
        [
            .. found.Where(v => names.ContainsKey(v.Id)).GroupBy(v => v.Id)
                .Select(g => new RowToCorrect(
                    g.Key, names[g.Key] is { Length: > 0 } name ? name : $"#{g.Key}", [.. g.Select(v => v.Rule)])),
        ];
    }

    private sealed record Violation(int Id, string Rule);
}
