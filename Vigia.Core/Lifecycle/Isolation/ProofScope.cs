using Npgsql;
using Vigia.Core.Registry.Databases;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>A database to try to connect to.</summary>
/// <param name="Code">The code of the attempt, <c>connect_…</c>.</param>
/// <param name="Name">The database's name.</param>
internal sealed record ProofTarget(string Code, string Name);

/// <summary>The databases and roles on the server that a tenant's role could try to reach.</summary>
/// <param name="Database">The tenant's own database.</param>
/// <param name="PortalRole">The role that owns all of our objects.</param>
/// <param name="Databases">
/// The databases to try: all templates, the master, the maintenance databases and those that lost our marker; of the
/// others a random sample.
/// </param>
/// <param name="Ours">
/// The names of all databases of ours, including the master's; without those that lost our marker.
/// </param>
/// <param name="OwnRoles">The names of all login roles of the tenant's own database.</param>
/// <param name="OtherTenantsRoles">A sample of the roles of other databases.</param>
/// <param name="Roles">The roles that the tenant's role tries to become.</param>
/// <param name="AllowsReplication">Whether the server accepts replication connections at all.</param>
internal sealed record ProofScope(
    string Database, string PortalRole, IReadOnlyList<ProofTarget> Databases, string[] Ours, string[] OwnRoles,
    IReadOnlyList<string> OtherTenantsRoles, IReadOnlyList<string> Roles,
    bool AllowsReplication)
{
    private const int RoleSample = 3;

    private const string DatabasesSql = """
        SELECT code, datname FROM (
            SELECT t.code, t.datname, row_number() OVER (PARTITION BY t.code ORDER BY random()) AS place
            FROM (SELECT d.datname, CASE
                      WHEN d.datname = current_database() THEN 'connect_master'
                      WHEN o.kind IS NOT NULL AND m.description IS DISTINCT FROM 'vigia:' || i.master_id || ':' || o.id
                      THEN 'connect_unmanaged'
                      WHEN o.kind IS NOT NULL THEN 'connect_' || o.kind
                      WHEN d.datname IN ('postgres', 'template1') THEN 'connect_maintenance'
                      ELSE 'connect_foreign' END AS code
                  FROM pg_database d CROSS JOIN portal.instance i LEFT JOIN portal.databases o ON o.name = d.datname AND o.server_id = $3
                  LEFT JOIN pg_shdescription m ON m.objoid = d.oid AND m.classoid = 'pg_database'::regclass
                  WHERE d.datname NOT IN ('template0', $1)) AS t) AS ranked
        WHERE place <= $2 OR code IN ('connect_master', 'connect_template', 'connect_maintenance', 'connect_unmanaged')
        ORDER BY code, datname
        """;

    // Databases that carry our marker or are just being created. A database with another marker that is open is not an
    // open database of ours.
    private const string OursSql = """
        SELECT 'ours', o.name FROM portal.databases o CROSS JOIN portal.instance i LEFT JOIN pg_database d ON d.datname = o.name
        LEFT JOIN pg_shdescription m ON m.objoid = d.oid AND m.classoid = 'pg_database'::regclass
        WHERE o.server_id = $1 AND (d.oid IS NULL OR m.description = 'vigia:' || i.master_id || ':' || o.id)
        UNION ALL SELECT 'ours', current_database()::text
        """;

    private const string RolesSql = """
        (SELECT 'tenant', c.role_name FROM portal.tenant_credentials c JOIN pg_roles r ON r.rolname = c.role_name WHERE c.database_id <> $1 ORDER BY random() LIMIT $2)
        UNION ALL SELECT 'own', role_name FROM portal.tenant_credentials WHERE database_id = $1
        UNION ALL (SELECT 'superuser', rolname FROM pg_roles WHERE rolsuper AND rolname <> current_user AND rolname <> $3 ORDER BY oid LIMIT 1)
        UNION ALL (SELECT 'portal', current_user::text)
        UNION ALL (SELECT 'built_in', rolname FROM pg_roles WHERE rolname IN (
            'pg_read_all_data', 'pg_write_all_data', 'pg_monitor', 'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_signal_backend') ORDER BY rolname)
        """;

    /// <summary>Reads the scope from the server, with the portal's own role.</summary>
    public static async Task<ProofScope> ReadAsync(
        NpgsqlConnection catalogue, int serverId, string database, TenantCredential credential, int sample,
        CancellationToken cancellationToken)
    {
        var databases = await ListAsync(catalogue, DatabasesSql, [database, sample, serverId], cancellationToken);
        object[] values = [credential.DatabaseId, RoleSample, credential.RoleName];
        var roles = await ListAsync(catalogue, RolesSql, values, cancellationToken);
        var ours = await ListAsync(catalogue, OursSql, [serverId], cancellationToken);
        var senders = await ListAsync(
            catalogue, "SELECT 'senders', current_setting('max_wal_senders')", [], cancellationToken);
        return new ProofScope(
            database,
            roles.Single(r => r.Kind == "portal").Name,
            [.. databases.Select(d => new ProofTarget(d.Kind, d.Name))],
            [.. ours.Select(o => o.Name)],
            [.. roles.Where(r => r.Kind == "own").Select(r => r.Name)],
            [.. roles.Where(r => r.Kind == "tenant").Select(r => r.Name)],
            [.. roles.Where(r => r.Kind != "own").Select(r => r.Name)],
            senders.Single().Name != "0");
    }

    private static async Task<List<(string Kind, string Name)>> ListAsync(
        NpgsqlConnection catalogue, string sql, object[] values, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, catalogue);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        var found = new List<(string, string)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add((reader.GetString(0), reader.GetString(1)));
        }

        return found;
    }
}
