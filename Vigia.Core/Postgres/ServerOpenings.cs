using Npgsql;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Core.Postgres;

/// <summary>A database on which PUBLIC, that is, every role, has rights.</summary>
/// <param name="Owner">The owning role.</param>
/// <param name="Rights">The rights of PUBLIC: CONNECT, TEMPORARY, CREATE.</param>
/// <param name="MayClose">Whether the role of the session may revoke them.</param>
public sealed record OpenDatabase(string Name, string Owner, string Rights, bool MayClose);

/// <summary>
/// The databases that are open to every role, among those that the portal is responsible for: the maintenance
/// databases, the master, and the portal's own databases.
/// </summary>
/// <param name="Open">The open databases.</param>
/// <param name="Statements">The statements that close them and keep the portal's role able to connect.</param>
/// <param name="Connected">
/// The roles that are connected to them now and would need a right of their own (role@database).
/// </param>
public sealed record ServerOpenings(
    IReadOnlyList<OpenDatabase> Open, IReadOnlyList<string> Statements, IReadOnlyList<string> Connected)
{
    private const string OpenSql = """
        SELECT d.datname, pg_get_userbyid(d.datdba), string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type),
               pg_has_role(d.datdba, 'USAGE') OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
        FROM pg_database d, LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
        WHERE a.grantee = 0 AND (d.datname IN ('postgres', 'template1', $1) OR d.oid IN (
            SELECT m.objoid FROM pg_shdescription m
            WHERE m.classoid = 'pg_database'::regclass AND m.description LIKE 'vigia:%'))
          -- Quick and exact: only the few databases with a right of PUBLIC are taken apart.
          AND (d.datacl IS NULL OR EXISTS (SELECT FROM unnest(d.datacl) AS item WHERE item::text LIKE '=%'))
        GROUP BY d.oid ORDER BY 1
        """;

    private const string ConnectedSql = """
        SELECT DISTINCT a.usename, a.datname
        FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid JOIN pg_database d ON d.oid = a.datid
        WHERE a.datname = ANY ($1) AND NOT r.rolsuper AND r.rolname <> $2 AND r.oid <> d.datdba ORDER BY 1, 2
        """;

    public bool IsPrepared => Open.Count == 0;

    public bool MayClose => Open.All(o => o.MayClose);

    /// <summary>Reads the open databases in a session of its own, with the role of <paramref name="server"/>.</summary>
    public static async Task<ServerOpenings> ReadAsync(
        PostgresUrl server, string master, string? portalRole, CancellationToken cancellationToken)
    {
        await using var session =
            await PostgresSessions.OpenAsync(SessionSettings.BuilderFor(server), cancellationToken);
        return await ReadAsync(session, master, portalRole, cancellationToken);
    }

    /// <summary>
    /// Reads the open databases. The session may have any role and be in any database. The portal's role is
    /// <paramref name="portalRole"/>, or the role of the session when it is null.
    /// </summary>
    public static async Task<ServerOpenings> ReadAsync(
        NpgsqlConnection session, string master, string? portalRole, CancellationToken cancellationToken)
    {
        var open = new List<OpenDatabase>();
        await using (var command = new NpgsqlCommand(OpenSql, session) { Parameters = { new() { Value = master } } })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                open.Add(new OpenDatabase(
                    reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3)));
            }
        }

        await using var self = new NpgsqlCommand("SELECT current_user::text", session);
        portalRole ??= (string)(await self.ExecuteScalarAsync(cancellationToken))!;
        string[] names = [.. open.Select(o => o.Name)];
        var connected = new List<string>();
        await using (var command =
            new NpgsqlCommand(ConnectedSql,
            session)
            { Parameters = { new() { Value = names }, new() { Value = portalRole } } })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                connected.Add($"{reader.GetString(0)}@{reader.GetString(1)}");
            }
        }

        // The portal creates its master from the database postgres, and works in the master. The owner of a database
        // needs no grant.
        var closing = open.Select(o => $"REVOKE ALL ON DATABASE {SqlIdentifier.Quote(o.Name)} FROM PUBLIC;");
        var keeping = open.Where(o => (o.Name == "postgres" || o.Name == master) && o.Owner != portalRole)
            .Select(o =>
                $"GRANT CONNECT ON DATABASE {SqlIdentifier.Quote(o.Name)} TO {SqlIdentifier.Quote(portalRole)};");
        return new ServerOpenings(open, [.. closing, .. keeping], connected);
    }

    /// <summary>Closes all of the databases or none, in a session of its own.</summary>
    public async Task CloseAsync(PostgresUrl server, CancellationToken cancellationToken)
    {
        await using var session =
            await PostgresSessions.OpenAsync(SessionSettings.BuilderFor(server), cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await CloseAsync(session, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Closes the databases.</summary>
    public async Task CloseAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        foreach (var statement in Statements)
        {
            await MasterDatabase.ExecuteAsync(session, statement, cancellationToken);
        }
    }
}
