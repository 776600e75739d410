using Npgsql;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// Checks that registry, <c>pg_database</c> and <c>pg_roles</c> agree: nothing is lost and nothing incomplete is left.
/// </summary>
public static class WorldCheck
{
    /// <summary>Reads all of them as the superuser and reports every disagreement.</summary>
    public static async Task AssertAgreesAsync(CoreHost host)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var connection =
            await PostgresServer.OpenAsync(host.Server.SuperuserUrl(host.Master.Database), cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            SELECT 'operation not over: ' || kind || ' ' || state || ' ' || coalesce(error::text, '')
              FROM portal.operations WHERE state IN ('queued', 'running', 'cancelling') AND job IS NULL
            UNION ALL
            SELECT 'ready tenant without database: ' || subdominio FROM clientes_saas WHERE state = 'ready'
              AND NOT EXISTS (SELECT FROM pg_database WHERE datname = db_name AND datallowconn)
            UNION ALL
            SELECT 'active tenant that is not ready: ' || subdominio FROM clientes_saas
              WHERE is_active AND state NOT IN ('ready', 'unmanaged')
            UNION ALL
            SELECT 'trashed tenant without database: ' || subdomain FROM portal.tenant_trash t
              WHERE database_id IS NOT NULL AND NOT EXISTS (SELECT FROM clientes_saas c WHERE c.id = t.id)
              AND NOT EXISTS (
                  SELECT FROM pg_database WHERE datname = 'vigia_trash_' || replace(t.database_id::text, '-', ''))
            UNION ALL
            SELECT 'row without database: ' || name FROM portal.databases d
              WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = d.name)
              AND NOT EXISTS (
                  SELECT FROM portal.operations o WHERE o.tenant_id = d.tenant_id AND o.state IN ('failed', 'waiting'))
            UNION ALL
            SELECT 'database without row: ' || datname FROM pg_database p
              WHERE shobj_description(p.oid, 'pg_database') LIKE '%' || (SELECT master_id FROM portal.instance) || '%'
              AND NOT EXISTS (SELECT FROM portal.databases d WHERE d.name = p.datname)
            UNION ALL
            SELECT 'unclaimed database of ours: ' || datname FROM pg_database p
              WHERE datname LIKE 'vigia\_new\_%' AND replace(datname, 'vigia_new_', '') IN (
                  SELECT id::text FROM portal.databases UNION SELECT replace(id::text, '-', '') FROM portal.databases)
            UNION ALL
            SELECT 'credential without role: ' || role_name FROM portal.tenant_credentials
              WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name)
            UNION ALL
            SELECT 'role without credential: ' || rolname FROM pg_roles r
              WHERE rolname LIKE 'vigia\_t%\_%'
              AND shobj_description(r.oid, 'pg_authid') LIKE '%' || (SELECT master_id FROM portal.instance) || '%'
              AND NOT EXISTS (SELECT FROM portal.tenant_credentials WHERE role_name = rolname)
            """, connection);
        var wrong = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            wrong.Add(reader.GetString(0));
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }
}
