using Npgsql;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Faults;

/// <summary>
/// The conditions that must hold for every tenant whenever nothing runs, even if one of its operations has failed.
/// </summary>
internal static class PairCheck
{
    // A database is found by its marker. After a failed operation its name may differ from the one in the registry.
    private const string Sql = """
        WITH tenant AS (SELECT * FROM unnest($1, $2) AS c(id, oid)),
        ours AS (
            SELECT p.oid, p.datname, p.datallowconn, p.datconnlimit, d.tenant_id, d.name, d.kind, d.schema_version,
                   d.drop_begun_at
            FROM pg_database p JOIN portal.databases d ON shobj_description(p.oid, 'pg_database')
                = 'vigia:' || (SELECT master_id FROM portal.instance) || ':' || d.id),
        purged AS (SELECT DISTINCT tenant_id FROM portal.audit_events WHERE action = 'tenant.purged')
        SELECT c.id, 'a database was lost: nobody has begun to drop it' FROM tenant c
          WHERE c.oid <> 0 AND NOT EXISTS (SELECT FROM ours o WHERE o.oid = c.oid AND o.tenant_id = c.id)
          AND NOT EXISTS (SELECT FROM clientes_saas r JOIN pg_database p ON p.datname = r.db_name
              WHERE r.id = c.id AND r.state = 'unmanaged' AND p.oid = c.oid)
          AND (EXISTS (SELECT FROM clientes_saas r WHERE r.id = c.id)
              OR EXISTS (SELECT FROM portal.tenant_trash t WHERE t.id = c.id AND t.drop_begun_at IS NULL))
        UNION ALL
        SELECT c.id, 'gone without a certificate' FROM tenant c
          WHERE NOT EXISTS (SELECT FROM clientes_saas r WHERE r.id = c.id)
          AND NOT EXISTS (SELECT FROM portal.tenant_trash t WHERE t.id = c.id)
          AND NOT EXISTS (SELECT FROM purged p WHERE p.tenant_id = c.id)
        UNION ALL
        SELECT c.id, 'certified as destroyed, and still there' FROM tenant c JOIN purged p ON p.tenant_id = c.id
          WHERE EXISTS (SELECT FROM clientes_saas r WHERE r.id = c.id)
          OR EXISTS (SELECT FROM portal.tenant_trash t WHERE t.id = c.id)
          OR EXISTS (SELECT FROM portal.databases d WHERE d.tenant_id = c.id)
          OR EXISTS (SELECT FROM portal.tenant_credentials k WHERE k.tenant_id = c.id)
        UNION ALL
        SELECT c.id, 'ready, and its database is not as the registry says'
          FROM tenant c JOIN clientes_saas r ON r.id = c.id
          WHERE r.state = 'ready' AND NOT EXISTS (
              SELECT FROM ours o WHERE o.tenant_id = c.id AND o.datname = r.db_name AND o.name = r.db_name
              AND o.kind = 'tenant' AND o.datallowconn AND o.datconnlimit <> -2 AND o.drop_begun_at IS NULL)
        UNION ALL
        SELECT c.id, 'in the trash, and its database is not as the trash says'
          FROM tenant c JOIN portal.tenant_trash t ON t.id = c.id
          WHERE t.restore_operation_id IS NULL AND t.drop_begun_at IS NULL AND c.oid <> 0
          AND NOT EXISTS (
              SELECT FROM ours o WHERE o.tenant_id = c.id AND o.datname = o.name AND o.datname LIKE 'vigia\_trash\_%'
              AND o.kind = 'trash' AND NOT o.datallowconn)
        UNION ALL
        SELECT c.id, 'in the trash and in the registry without a restore, or a restore without the registry'
          FROM tenant c JOIN portal.tenant_trash t ON t.id = c.id
          WHERE (t.restore_operation_id IS NOT NULL) <> EXISTS (SELECT FROM clientes_saas r WHERE r.id = c.id)
        UNION ALL
        SELECT c.id, 'a restore and a drop have begun' FROM tenant c JOIN portal.tenant_trash t ON t.id = c.id
          WHERE t.restore_operation_id IS NOT NULL AND t.drop_begun_at IS NOT NULL
        UNION ALL
        SELECT c.id, 'renamed, and its former name is not kept' FROM tenant c JOIN clientes_saas r ON r.id = c.id
          JOIN portal.audit_events e ON e.tenant_id = c.id AND e.action = 'tenant.renamed'
          WHERE e.before ->> 'subdominio' <> r.subdominio AND NOT EXISTS (
              SELECT FROM portal.tenant_aliases a WHERE a.tenant_id = c.id AND a.name = e.before ->> 'subdominio')
        UNION ALL
        SELECT c.id, 'active and not ready' FROM tenant c JOIN clientes_saas r ON r.id = c.id
          WHERE r.is_active AND r.state NOT IN ('ready', 'unmanaged')
        UNION ALL
        SELECT c.id, 'state ' || r.state || ', and no operation that could end it'
          FROM tenant c JOIN clientes_saas r ON r.id = c.id
          WHERE r.state IN ('deleting', 'provisioning', 'failed') AND NOT EXISTS (
              SELECT FROM portal.operations o WHERE o.tenant_id = c.id AND o.state IN ('failed', 'waiting')
              AND o.kind = ANY (CASE r.state
                  WHEN 'deleting' THEN ARRAY['delete_tenant'] ELSE ARRAY['provision_tenant', 'restore_tenant'] END))
        UNION ALL
        SELECT c.id, 'two databases have its marker' FROM tenant c JOIN ours o ON o.tenant_id = c.id
          GROUP BY c.id HAVING count(*) > 1
        UNION ALL
        SELECT c.id, 'ready without a login role' FROM tenant c JOIN clientes_saas r ON r.id = c.id
          WHERE r.state = 'ready' AND NOT EXISTS (
              SELECT FROM portal.tenant_credentials k JOIN pg_roles ON rolname = k.role_name AND rolcanlogin
              WHERE k.tenant_id = c.id AND k.is_current AND has_database_privilege(rolname, r.db_name, 'CONNECT'))
        UNION ALL
        SELECT c.id, 'a role without a credential: ' || rolname FROM tenant c JOIN pg_roles r
          ON shobj_description(r.oid, 'pg_authid')
              = 'vigia:' || (SELECT master_id FROM portal.instance) || ':role:' || c.id
          WHERE NOT EXISTS (SELECT FROM portal.tenant_credentials k WHERE k.role_name = rolname)
        UNION ALL
        SELECT c.id, o.kind || ' failed without a reason: ' || o.error::text
          FROM tenant c JOIN portal.operations o ON o.tenant_id = c.id
          WHERE o.state = 'failed' AND (o.error::text LIKE '%unexpected_error%'
              OR o.error::text LIKE '%server_error%' AND o.error::text NOT LIKE '%is refused%')
        """;

    /// <summary>Returns the conditions that do not hold, with the tenant's id.</summary>
    public static async Task<List<(int Id, string Problem)>> ProblemsAsync(
        CoreHost host, IReadOnlyCollection<PairTenant> tenants)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var connection =
            await PostgresServer.OpenAsync(host.Server.SuperuserUrl(host.Master.Database), cancellationToken);
        await using var command = new NpgsqlCommand(Sql, connection)
        {
            Parameters =
            {
                new() { Value = tenants.Select(c => c.Id).ToArray() },
                new() { Value = tenants.Select(c => (long)(c.Database ?? 0)).ToArray() },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var problems = new List<(int, string)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            problems.Add((reader.GetInt32(0), reader.GetString(1)));
        }

        return problems;
    }
}
