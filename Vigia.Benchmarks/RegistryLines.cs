using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Tenants;

namespace Vigia.Benchmarks;

/// <summary>The comparisons of the benchmark of the registry.</summary>
internal sealed class RegistryLines(NpgsqlConnection session, IServiceProvider services, int firstTenant)
{
    private const string Name = "razon_social COLLATE \"es-PE-x-icu\"";
    private const string Listed =
        "(inactive_kind IS NULL OR inactive_kind <> 'withdrawn' OR state IN ('provisioning', 'failed', 'deleting'))";
    private const string Steps =
        "LEFT JOIN LATERAL (SELECT * FROM portal.operation_steps s WHERE s.operation_id = o.id "
        + "ORDER BY s.ordinal) s ON true";

    private OperationService Operations => services.GetRequiredService<OperationService>();
    private OperationResults Results => services.GetRequiredService<OperationResults>();

    private AuditReader Trail => services.GetRequiredService<AuditReader>();

    private TenantSearch Search => services.GetRequiredService<TenantSearch>();

    public IEnumerable<RegistryLine> All() =>
        [.. OfOperations(), .. OfTrail(), .. OfTenants(), .. OfSearch(), .. OfDatabases()];

    private IEnumerable<RegistryLine> OfOperations()
    {
        const string Unfinished = """
            SELECT (SELECT count(*) FROM (SELECT FROM portal.operations WHERE shown_state = 'queued' LIMIT 10001) q),
                   (SELECT count(*) FROM portal.operations WHERE shown_state = 'running'),
                   (SELECT count(*) FROM portal.operations WHERE shown_state = 'waiting'),
                   (SELECT count(*) FROM portal.operations WHERE shown_state = 'cancelling'),
                   (SELECT count(*) FROM portal.operations WHERE state = 'failed' AND finished_at > now())
            """;
        yield return Line("the badge of running operations", Unfinished,
            cancel => Operations.CountAsync(Actor.System, DateTimeOffset.UtcNow, cancel));
        const string All =
            "parent_id IS NULL AND (tenant_id IS NOT NULL OR requested_by IS NOT NULL OR state <> 'succeeded')";
        const string Items = "operation_id = '00000000-0000-0000-0001-000000000002'";
        yield return Line("the results of an operation on 100,000, last page",
            $"""
            SELECT (SELECT count(*) FROM (
                SELECT FROM portal.operation_items WHERE {Items} AND state = 'done' LIMIT 10001) n);
            SELECT * FROM portal.operation_items WHERE {Items}
            ORDER BY CASE WHEN state = 'failed' THEN 0 WHEN state = 'skipped' THEN 1 ELSE 2 END DESC,
                name COLLATE "es-PE-x-icu" DESC, tenant_id DESC LIMIT 51
            """,
            cancel => Results.ListAsync(
                Actor.System, new Guid("00000000-0000-0000-0001-000000000002"), null, -1, 50, cancel));
        yield return OperationLine("operations, first page", All, new OperationQuery { HideRoutine = true });
        yield return OperationLine("operations that failed", "shown_state = 'failed'",
            new OperationQuery { States = [OperationState.Failed] });
        yield return OperationLine("operations of a kind", "kind = 'rotate_credential'",
            new OperationQuery { Kind = new OperationKind("rotate_credential") });
        var id = firstTenant + 77;
        yield return Line("the operations of one tenant, with its part in fleet work",
            $"""
            SELECT o.*, s.* FROM (SELECT * FROM (
                (SELECT * FROM portal.operations WHERE tenant_id = {id})
                UNION ALL (
                    SELECT x.* FROM portal.operation_items i JOIN portal.operations x ON x.id = i.operation_id
                    WHERE i.tenant_id = {id} AND i.state = 'done')) u
                ORDER BY created_at DESC, id DESC LIMIT 50) o {Steps} ORDER BY o.created_at DESC
            """,
            cancel => Operations.ListAsync(
                Actor.System, new OperationQuery { TenantId = id, WithMany = true, PageSize = 50 }, cancel));
    }

    private RegistryLine OperationLine(string name, string where, OperationQuery query) => Line(
        name, $"""
        SELECT count(*) FROM (SELECT FROM portal.operations WHERE {where} LIMIT 10001) n;
        SELECT o.*, s.* FROM (
            SELECT * FROM portal.operations WHERE {where} ORDER BY created_at DESC, id DESC LIMIT 21) o
        {Steps} ORDER BY o.created_at DESC
        """, cancel => Operations.ListAsync(Actor.System, query, cancel));

    private IEnumerable<RegistryLine> OfTrail()
    {
        yield return TrailLine("the trail, first page", "true", new AuditFilter());
        yield return TrailLine("the trail of one tenant", $"tenant_id = {firstTenant + 77}",
            new AuditFilter { TenantId = firstTenant + 77 });
        yield return TrailLine("the trail by a tenant's name",
            "tenant_id IN (SELECT id FROM portal.tenant_search WHERE folded LIKE '%c 777%')",
            new AuditFilter { Tenant = "c-777" });
        yield return TrailLine("the trail by a part of a person's name",
            "actor_name IN ('Persona Número 1', 'Persona Número 10', 'Persona Número 11', 'Persona Número 12', "
            + "'Persona Número 13', 'Persona Número 14', 'Persona Número 15', 'Persona Número 16', "
            + "'Persona Número 17', 'Persona Número 18', 'Persona Número 19')",
            new AuditFilter { Actor = "numero 1" });
        yield return TrailLine("the trail folded, first page", "true", new AuditFilter { IsFolded = true });

        // The same blocks by one pass over their records. The best that an index could do is much less.
        yield return Line("the trail folded, inside an operation on 100,000",
            """
            SELECT count(*) FROM (SELECT FROM portal.audit_events LIMIT 10001) n;
            SELECT * FROM (
                SELECT e.*, lag(seq) OVER (PARTITION BY operation_id, action, seq / 500 ORDER BY seq DESC) AS newer,
                    count(*) OVER (PARTITION BY operation_id, action, seq / 500) AS tenants
                FROM (SELECT * FROM portal.audit_events WHERE seq < 590000 ORDER BY seq DESC LIMIT 25500) e) f
            WHERE newer IS NULL OR newer - seq > 50 ORDER BY seq DESC LIMIT 51
            """,
            cancel => Trail.ListAsync(
                Actor.System, new AuditFilter { IsFolded = true }, 200, 50, cancel, new(590_000, Before: false)));
        yield return Line("the trail, an old page by its place",
            """
            SELECT count(*) FROM (SELECT FROM portal.audit_events LIMIT 10001) n;
            SELECT * FROM portal.audit_events WHERE seq < 40000 ORDER BY seq DESC LIMIT 51
            """,
            cancel => Trail.ListAsync(Actor.System, new AuditFilter(), 9_000, 50, cancel, new(40_000, Before: false)));
    }

    private RegistryLine TrailLine(string name, string where, AuditFilter filter) => Line(
        name, $"""
        SELECT count(*) FROM (SELECT FROM portal.audit_events WHERE {where} LIMIT 10001) n;
        SELECT * FROM portal.audit_events WHERE {where} ORDER BY seq DESC LIMIT 51
        """, cancel => Trail.ListAsync(Actor.System, filter, 1, 50, cancel));

    private IEnumerable<RegistryLine> OfTenants()
    {
        var deep = services.GetRequiredService<TenantSearch>()
            .SearchAsync(Actor.System, new TenantQuery { Page = 2_000 }, CancellationToken.None)
            .GetAwaiter().GetResult();
        var (id, name) = (deep.Items[^1].Id, deep.Items[^1].Row.LegalName);
        yield return TenantLine("the list of tenants, first page", "true", "LIMIT 21", new TenantQuery());
        yield return TenantLine("the list, page 2,001 by its place", $"({Name}, id) > ('{name}', {id})", "LIMIT 21",
            new TenantQuery { Page = 2_001, Place = new(id, Before: false) });
        yield return TenantLine("the list, page 2,001 by OFFSET", "true", "LIMIT 21 OFFSET 40000",
            new TenantQuery { Page = 2_001 });
        yield return Line("the list, last page",
            $"""
            {Count("true")};
            SELECT * FROM (
                SELECT * FROM public.clientes_saas WHERE {Listed} ORDER BY {Name} DESC, id DESC LIMIT 21) c
            {Around}
            """,
            cancel => Search.SearchAsync(Actor.System, new TenantQuery { Page = -1 }, cancel));
        yield return Line("one tenant",
            $"""
            SELECT * FROM (SELECT * FROM public.clientes_saas WHERE id = {firstTenant + 77}) c {Around}
            """,
            cancel => Search.GetAsync(Actor.System, firstTenant + 77, cancel));
        yield return TenantLine(
            "the list of one plan", "plan = 'basico'", "LIMIT 21", new TenantQuery { Plan = "basico" });
    }

    private IEnumerable<RegistryLine> OfSearch()
    {
        foreach (var (what, q, where) in new[]
        {
            ("two letters that many have", "sa", "grams @> '{sa}'"),
            ("two letters that nobody has", "zq", "grams @> '{zq}'"),
            ("a word that all have", "sac", "folded LIKE '%sac%'"),
            ("a word that few have", "c-7777", "folded LIKE '%7777%'"),
        })
        {
            yield return TenantLine($"searching {what}",
                $"id IN (SELECT id FROM portal.tenant_search WHERE {where})", "LIMIT 21", new TenantQuery { Q = q });
        }
    }

    private IEnumerable<RegistryLine> OfDatabases()
    {
        yield return Line("the figures of the databases",
            """
            SELECT schema_version, count(*) FROM public.clientes_saas
            WHERE schema_version IS NOT NULL AND state <> 'unmanaged' GROUP BY 1;
            SELECT id FROM portal.operations WHERE kind = 'migrate_tenants'
                AND state IN ('queued', 'running', 'waiting', 'cancelling')
            """,
            cancel => services.GetRequiredService<SchemaOverview>().CountAsync(Actor.System, cancel));
        yield return Line("the list of databases, first page",
            $"""
            SELECT count(*) FROM (
                SELECT FROM public.clientes_saas t JOIN portal.databases d ON d.tenant_id = t.id
                WHERE d.kind = 'tenant' AND t.schema_version IS NOT NULL LIMIT 10001) n;
            SELECT t.*, d.* FROM public.clientes_saas t
            JOIN portal.databases d ON d.tenant_id = t.id AND d.kind = 'tenant'
            WHERE t.schema_version IS NOT NULL ORDER BY t.schema_version, t.{Name}, t.id LIMIT 21
            """,
            cancel => services.GetRequiredService<SchemaOverview>().ListAsync(Actor.System, new SchemaQuery(), cancel));
    }

    // The columns of the list that are not in the tenant's row.
    private const string Around = """
        LEFT JOIN LATERAL (
            SELECT p.verdict FROM portal.isolation_proofs p
            JOIN portal.databases d ON d.id = p.database_id AND d.tenant_id = p.tenant_id
            WHERE p.is_last AND p.tenant_id = c.id AND d.kind IN ('tenant', 'trash') LIMIT 1) p ON true
        LEFT JOIN portal.databases d ON d.tenant_id = c.id AND d.kind IN ('tenant', 'trash')
        LEFT JOIN portal.observed_databases b ON b.server_id = c.server_id AND b.name = c.db_name
        LEFT JOIN portal.tenant_contents t ON t.tenant_id = c.id
        """;

    private static string Count(string where) =>
        $"SELECT count(*) FROM (SELECT FROM public.clientes_saas WHERE {Listed} AND {where} LIMIT 10001) n";

    private RegistryLine TenantLine(string name, string where, string limit, TenantQuery query) => Line(
        name, $"""
        {Count(where.StartsWith('(') ? "true" : where)};
        SELECT * FROM (
            SELECT * FROM public.clientes_saas WHERE {Listed} AND {where} ORDER BY {Name}, id {limit}) c
        {Around} ORDER BY c.{Name}, c.id
        """, cancel => Search.SearchAsync(Actor.System, query, cancel));

    private RegistryLine Line(string name, string sql, Func<CancellationToken, Task> oursAsync) =>
        new(name, cancel => ReadAsync(sql, cancel), oursAsync);

    private async Task ReadAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var values = new object[100];
        do
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                reader.GetValues(values);
            }
        }
        while (await reader.NextResultAsync(cancellationToken));
    }
}
