using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>A database of which everybody (PUBLIC) holds something.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Rights">What everybody holds: CONNECT, TEMPORARY, CREATE.</param>
/// <param name="MayClose">Whether the role that looked may take it away.</param>
public sealed record OpenDatabase(string Name, string Owner, string Rights, bool MayClose);

/// <summary>Which databases of a server are open to everybody, of those that the portal answers for: the maintenance databases, the master, and ours.</summary>
/// <param name="Open">The open ones.</param>
/// <param name="Statements">What closes them, and lets the portal's role go on.</param>
/// <param name="Connected">Who is connected to them now and would need a right of their own (role@database).</param>
public sealed record ServerOpenings(IReadOnlyList<OpenDatabase> Open, IReadOnlyList<string> Statements, IReadOnlyList<string> Connected)
{
    private const string OpenSql = """
        SELECT d.datname, pg_get_userbyid(d.datdba), string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type),
               pg_has_role(d.datdba, 'USAGE') OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
        FROM pg_database d, LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
        WHERE a.grantee = 0 AND (d.datname IN ('postgres', 'template1', $1) OR shobj_description(d.oid, 'pg_database') LIKE 'vigia:%')
        GROUP BY d.oid ORDER BY 1
        """;

    private const string ConnectedSql = """
        SELECT DISTINCT a.usename || '@' || a.datname FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid JOIN pg_database d ON d.oid = a.datid
        WHERE a.datname = ANY ($1) AND NOT r.rolsuper AND r.rolname <> $2 AND r.oid <> d.datdba ORDER BY 1
        """;

    public bool IsPrepared => Open.Count == 0;

    public bool MayClose => Open.All(o => o.MayClose);

    /// <summary>Looks.</summary>
    /// <param name="session">A session of any role, in any database.</param>
    /// <param name="master">The master's name.</param>
    /// <param name="portalRole">The role that the portal works as; null for the session's own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ServerOpenings> ReadAsync(NpgsqlConnection session, string master, string? portalRole, CancellationToken cancellationToken)
    {
        var open = new List<OpenDatabase>();
        await using (var command = new NpgsqlCommand(OpenSql, session) { Parameters = { new() { Value = master } } })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                open.Add(new OpenDatabase(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3)));
            }
        }

        await using var self = new NpgsqlCommand("SELECT current_user::text", session);
        portalRole ??= (string)(await self.ExecuteScalarAsync(cancellationToken))!;
        string[] names = [.. open.Select(o => o.Name)];
        var connected = new List<string>();
        await using (var command = new NpgsqlCommand(ConnectedSql, session) { Parameters = { new() { Value = names }, new() { Value = portalRole } } })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                connected.Add(reader.GetString(0));
            }
        }

        // The portal makes its master from postgres, and lives in the master; who owns a database needs no grant.
        var closing = open.Select(o => $"REVOKE ALL ON DATABASE {SqlIdentifier.Quote(o.Name)} FROM PUBLIC;");
        var keeping = open.Where(o => (o.Name == "postgres" || o.Name == master) && o.Owner != portalRole)
            .Select(o => $"GRANT CONNECT ON DATABASE {SqlIdentifier.Quote(o.Name)} TO {SqlIdentifier.Quote(portalRole)};");
        return new ServerOpenings(open, [.. closing, .. keeping], connected);
    }

    /// <summary>Runs the statements.</summary>
    public async Task CloseAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        foreach (var statement in Statements)
        {
            await MasterDatabase.ExecuteAsync(session, statement, cancellationToken);
        }
    }
}
