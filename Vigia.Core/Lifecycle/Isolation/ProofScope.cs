using System.Security.Cryptography;
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
/// <param name="Suspects">
/// Databases of ours on which the role might hold a right: the master, those of the sample, those that are open to all,
/// and those that were granted to the role or to a role that it is a member of.
/// </param>
/// <param name="OwnRoles">The names of all login roles of the tenant's own database.</param>
/// <param name="OtherTenantsRoles">A sample of the roles of other databases.</param>
/// <param name="Roles">The roles that the tenant's role tries to become.</param>
/// <param name="OutsideRoles">The roles that the settings let into the databases of tenants.</param>
/// <param name="AllowsReplication">Whether the server accepts replication connections at all.</param>
/// <param name="KeepsOwner">
/// Whether the database was adopted, and a person accepted that the product keeps the role that owns it.
/// </param>
internal sealed record ProofScope(
    string Database, string PortalRole, IReadOnlyList<ProofTarget> Databases, string[] Suspects, string[] OwnRoles,
    IReadOnlyList<string> OtherTenantsRoles, IReadOnlyList<string> Roles,
    IReadOnlyList<(string Purpose, string Name)> OutsideRoles, bool AllowsReplication, bool KeepsOwner)
{
    private const int RoleSample = 3;

    // Nothing here reads all databases: the first ones of each kind, or the ones beside random places of the index.
    private const string FirstSql = """
        SELECT o.id, 'connect_' || k.kind, o.name
        FROM (VALUES ('tenant'), ('spare'), ('scratch'), ('beside'), ('replaced'), ('trash')) AS k (kind)
        CROSS JOIN LATERAL (
            SELECT * FROM portal.databases o WHERE o.server_id = $1 AND o.kind = k.kind ORDER BY o.id LIMIT $2) AS o
        """;

    // The index is in the order of a hash, so that no age is more likely than another. In the order of the ids, which
    // begin with the time, the databases of a busy night would share one place. Some of the next databases are passed
    // over, because those after a wide gap would be taken more often than those after a narrow one. After the last one
    // comes the first one.
    private const string RandomSql = """
        SELECT DISTINCT o.id, 'connect_' || $2, o.name
        FROM unnest($3::bigint[], $4::integer[]) AS place (hash, passed)
        CROSS JOIN LATERAL (
            (SELECT * FROM portal.databases o
             WHERE o.server_id = $1 AND o.kind = $2 AND uuid_hash_extended(o.id, 0) >= place.hash
             ORDER BY uuid_hash_extended(o.id, 0) LIMIT 64)
            UNION ALL
            (SELECT * FROM portal.databases o WHERE o.server_id = $1 AND o.kind = $2
             ORDER BY uuid_hash_extended(o.id, 0) LIMIT 64)
            LIMIT 1 OFFSET place.passed) AS o
        """;

    // The databases of the sample that exist and carry our marker.
    private const string PresentSql = """
        SELECT s.code, d.datname FROM unnest($1::uuid[], $2::text[], $3::text[]) AS s (id, code, name)
        CROSS JOIN portal.instance i JOIN pg_database d ON d.datname = s.name
        JOIN pg_shdescription m ON m.objoid = d.oid AND m.classoid = 'pg_database'::regclass
            AND m.description = 'vigia:' || i.master_id || ':' || s.id
        WHERE d.datname <> $4
        """;

    private const string FixedSql = """
        SELECT 'connect_template', o.name FROM portal.databases o WHERE o.server_id = $1 AND o.kind = 'template'
            AND EXISTS (SELECT FROM pg_database d WHERE d.datname = o.name)
        UNION ALL SELECT 'connect_maintenance', datname FROM pg_database
            WHERE datname IN ('postgres', 'template1') AND datname <> current_database()
        UNION ALL SELECT 'connect_master', current_database()::text
        """;

    // Databases that belong to the role or were granted to it by name, or to a role whose member it is. pg_shdepend has
    // them all, except what PUBLIC holds.
    private const string GrantedSql = """
        WITH RECURSIVE held AS (
            SELECT oid FROM pg_roles WHERE rolname = $1
            UNION SELECT m.roleid FROM pg_auth_members m JOIN held ON m.member = held.oid)
        SELECT 'granted', d.datname FROM held
        JOIN pg_shdepend s ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = held.oid
        JOIN pg_database d ON d.oid = s.objid CROSS JOIN portal.instance i
        JOIN pg_shdescription m ON m.objoid = d.oid AND m.classoid = 'pg_database'::regclass
            AND starts_with(m.description, 'vigia:' || i.master_id || ':')
        WHERE s.classid = 'pg_database'::regclass AND s.dbid = 0 AND s.deptype IN ('a', 'o') LIMIT 1000
        """;

    private const string RolesSql = """
        (SELECT 'tenant', c.role_name FROM portal.tenant_credentials c JOIN pg_roles r ON r.rolname = c.role_name
         WHERE c.is_current AND c.database_id = ANY ($4) AND c.database_id <> $1 LIMIT $2)
        UNION ALL SELECT 'own', role_name FROM portal.tenant_credentials WHERE database_id = $1
        UNION ALL (SELECT 'superuser', rolname FROM pg_roles
            WHERE rolsuper AND rolname <> current_user AND rolname <> $3 ORDER BY oid LIMIT 1)
        UNION ALL (SELECT 'portal', current_user::text)
        UNION ALL (SELECT 'built_in', rolname FROM pg_roles WHERE rolname IN (
            'pg_read_all_data', 'pg_write_all_data', 'pg_monitor', 'pg_read_server_files', 'pg_write_server_files',
            'pg_execute_server_program', 'pg_signal_backend') ORDER BY rolname)
        """;

    /// <summary>Reads the scope from the server, with the portal's own role.</summary>
    public static async Task<ProofScope> ReadAsync(
        NpgsqlConnection catalogue, int serverId, string database, TenantCredential credential, int sample,
        ServerOddities odd, CancellationToken cancellationToken)
    {
        var chosen = await SampleAsync(catalogue, serverId, sample, cancellationToken);
        object[] present = [chosen.Select(c => c.Id).ToArray(), chosen.Select(c => c.Code).ToArray(),
            chosen.Select(c => c.Name).ToArray(), database];
        var ours = (await ListAsync(catalogue, PresentSql, present, cancellationToken))
            .GroupBy(t => t.Kind).SelectMany(kind => kind.Take(sample)).ToList();
        var others = await ListAsync(catalogue, FixedSql, [serverId], cancellationToken);
        string[] foreign = [.. odd.Foreign];
        Random.Shared.Shuffle(foreign);
        var targets = ours.Concat(others).Select(t => new ProofTarget(t.Kind, t.Name))
            .Concat(odd.Unmanaged.Where(name => name != database).Select(n => new ProofTarget("connect_unmanaged", n)))
            .Concat(foreign.Take(sample).Select(name => new ProofTarget("connect_foreign", name)));
        var granted = await ListAsync(catalogue, GrantedSql, [credential.RoleName], cancellationToken);
        object[] values = [credential.DatabaseId, RoleSample, credential.RoleName,
            chosen.Select(c => c.Id).ToArray()];
        var roles = await ListAsync(catalogue, RolesSql, values, cancellationToken);
        var senders = await ListAsync(
            catalogue, "SELECT 'senders', current_setting('max_wal_senders')", [], cancellationToken);
        var keeps = await ListAsync(
            catalogue,
            """
            SELECT 'keeps', database_name FROM portal.adoptions
            WHERE database_name = $1 AND keeps_owner AND ended_at IS NULL
            """, [database], cancellationToken);
        return new ProofScope(
            database,
            roles.Single(r => r.Kind == "portal").Name,
            [.. targets.OrderBy(t => t.Code, StringComparer.Ordinal).ThenBy(t => t.Name, StringComparer.Ordinal)],
            [.. ours.Concat(granted).Concat(others.Where(t => t.Kind is "connect_master" or "connect_template"))
                .Select(t => t.Name).Concat(odd.OpenToAll).Append(database).Distinct()],
            [.. roles.Where(r => r.Kind == "own").Select(r => r.Name)],
            [.. roles.Where(r => r.Kind == "tenant").Select(r => r.Name)],
            [.. roles.Where(r => r.Kind != "own").Select(r => r.Name)],
            await ListAsync(
                catalogue, "SELECT purpose, role_name FROM portal.outside_roles WHERE is_wanted ORDER BY 1", [],
                cancellationToken),
            senders.Single().Name != "0", keeps.Count > 0);
    }

    // All databases of a kind when there are few, else those beside random places.
    internal static async Task<List<Choice>> SampleAsync(
        NpgsqlConnection catalogue, int serverId, int sample, CancellationToken cancellationToken)
    {
        // The tenant's own database may be among them, and some may be gone.
        var most = (2 * sample) + 1;
        var chosen = new List<Choice>();
        foreach (var kind in (await ReadAsync(catalogue, FirstSql, [serverId, most], cancellationToken))
            .GroupBy(c => c.Code))
        {
            if (kind.Count() < most)
            {
                chosen.AddRange(kind.OrderBy(_ => RandomNumberGenerator.GetInt32(int.MaxValue)));
                continue;
            }

            var code = kind.Key["connect_".Length..];
            long[] places =
            [
                .. Enumerable.Range(0, most).Select(_ => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8))),
            ];
            int[] passed = [.. places.Select(_ => RandomNumberGenerator.GetInt32(64))];
            chosen.AddRange((await ReadAsync(
                catalogue, RandomSql, [serverId, code, places, passed], cancellationToken))
                .OrderBy(_ => RandomNumberGenerator.GetInt32(int.MaxValue)));
        }

        return chosen;
    }

    private static async Task<List<Choice>> ReadAsync(
        NpgsqlConnection catalogue, string sql, object[] values, CancellationToken cancellationToken)
    {
        await using var command = Command(catalogue, sql, values);
        var found = new List<Choice>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new Choice(reader.GetGuid(0), reader.GetString(1), reader.GetString(2)));
        }

        return found;
    }

    private static async Task<List<(string Kind, string Name)>> ListAsync(
        NpgsqlConnection catalogue, string sql, object[] values, CancellationToken cancellationToken)
    {
        await using var command = Command(catalogue, sql, values);
        var found = new List<(string, string)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add((reader.GetString(0), reader.GetString(1)));
        }

        return found;
    }

    private static NpgsqlCommand Command(NpgsqlConnection catalogue, string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, catalogue);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }

    internal sealed record Choice(Guid Id, string Code, string Name);
}
