using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>Why sessions can't be opened in a database that exists.</summary>
public enum DatabaseRefusal
{
    /// <summary>It takes no connections: ALLOW_CONNECTIONS is false, or its connection limit is 0.</summary>
    Closed,

    /// <summary>The portal's role lacks CONNECT.</summary>
    PortalRefused,

    /// <summary>The role of its tenant does not exist.</summary>
    RoleMissing,

    /// <summary>The role of its tenant may not log in, or its password has expired.</summary>
    LoginRefused,

    /// <summary>The role of its tenant lacks CONNECT.</summary>
    TenantRefused,
}

/// <summary>A database as the server's catalogue shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Refusal">Why it can't be used. Null when it can.</param>
/// <param name="Remedy">
/// The statement that mends the refusal. Null when there is none, or no statement mends it.
/// </param>
public sealed record SurveyedDatabase(string Name, DatabaseRefusal? Refusal, string? Remedy);

/// <summary>
/// Reads from a server's catalogue which databases exist and whether they can be used. Opens no session in any of them.
/// </summary>
public static class DatabaseSurvey
{
    // A role or database that is dropped meanwhile makes the privilege functions return null.
    private const string Sql = """
        SELECT d.datname::text, d.datallowconn, d.datconnlimit, has_database_privilege(d.oid, 'CONNECT'),
               current_user::text,
               c.role, r.rolcanlogin, r.rolvaliduntil < now(), has_database_privilege(r.oid, d.oid, 'CONNECT')
        FROM pg_database d
        LEFT JOIN unnest($1::text[], $2::text[]) AS c(name, role) ON c.name = d.datname
        LEFT JOIN pg_roles r ON r.rolname = c.role
        WHERE NOT d.datistemplate AND ($3::name[] IS NULL OR d.datname = ANY ($3::name[]))
        """;

    private const string SizesSql = """
        SELECT d.datname::text, CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid) END
        FROM pg_database d WHERE d.datname = ANY ($1::name[])
        """;

    /// <summary>Surveys the databases of the server that are no templates.</summary>
    /// <param name="session">A session of the portal's own role on the server.</param>
    /// <param name="roles">The login roles by database. Databases without a role are surveyed too.</param>
    /// <param name="only">The names to look at. Null for all.</param>
    /// <param name="cancellationToken">Cancels the survey.</param>
    public static async Task<IReadOnlyList<SurveyedDatabase>> ReadAsync(
        NpgsqlConnection session, IReadOnlyDictionary<string, string> roles, IReadOnlyCollection<string>? only,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session)
        {
            Parameters =
            {
                new() { Value = roles.Keys.ToArray() },
                new() { Value = roles.Values.ToArray() },
                new() { Value = only is null ? DBNull.Value : only.ToArray() },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<SurveyedDatabase>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(Read(reader));
        }

        return found;
    }

    /// <summary>Reads the sizes in bytes on disk. Costs the server about a millisecond for each database.</summary>
    /// <returns>The sizes by name, without databases that do not exist or that the portal may not look into.</returns>
    public static async Task<IReadOnlyDictionary<string, long>> SizesAsync(
        NpgsqlConnection session, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadSizesAsync(session, names, cancellationToken);
        }
        catch (PostgresException e) when (names.Count > 1 && IsOfOne(e))
        {
            // One of them was dropped or closed in this moment. The others still have a size.
            var sizes = new Dictionary<string, long>();
            foreach (var name in names)
            {
                foreach (var (found, size) in await SizesAsync(session, [name], cancellationToken))
                {
                    sizes[found] = size;
                }
            }

            return sizes;
        }
        catch (PostgresException e) when (IsOfOne(e))
        {
            return new Dictionary<string, long>();
        }
    }

    private static bool IsOfOne(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.UndefinedFile;

    private static async Task<IReadOnlyDictionary<string, long>> ReadSizesAsync(
        NpgsqlConnection session, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        await using var command =
            new NpgsqlCommand(SizesSql, session) { Parameters = { new() { Value = names.ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sizes = new Dictionary<string, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!await reader.IsDBNullAsync(1, cancellationToken))
            {
                sizes[reader.GetString(0)] = reader.GetInt64(1);
            }
        }

        return sizes;
    }

    private static SurveyedDatabase Read(NpgsqlDataReader row)
    {
        bool? Flag(int column) => row.IsDBNull(column) ? null : row.GetBoolean(column);
        var name = row.GetString(0);
        var database = SqlIdentifier.Quote(name);
        var role = row.IsDBNull(5) ? null : row.GetString(5);
        var portal = SqlIdentifier.Quote(row.GetString(4));
        (DatabaseRefusal, string?)? refused = (row.GetInt32(2), role) switch
        {
            _ when !row.GetBoolean(1) =>
                (DatabaseRefusal.Closed, $"ALTER DATABASE {database} WITH ALLOW_CONNECTIONS true;"),
            (0, _) => (DatabaseRefusal.Closed, $"ALTER DATABASE {database} WITH CONNECTION LIMIT -1;"),
            _ when Flag(3) == false =>
                (DatabaseRefusal.PortalRefused, $"GRANT CONNECT ON DATABASE {database} TO {portal};"),
            (_, null) => null,
            _ when Flag(6) is null => (DatabaseRefusal.RoleMissing, null),
            _ when Flag(6) == false =>
                (DatabaseRefusal.LoginRefused, $"ALTER ROLE {SqlIdentifier.Quote(role)} WITH LOGIN;"),
            _ when Flag(7) == true =>
                (DatabaseRefusal.LoginRefused, $"ALTER ROLE {SqlIdentifier.Quote(role)} VALID UNTIL 'infinity';"),
            _ when Flag(8) == false =>
                (DatabaseRefusal.TenantRefused,
                    $"GRANT CONNECT ON DATABASE {database} TO {SqlIdentifier.Quote(role)};"),
            _ => null,
        };
        return new SurveyedDatabase(name, refused?.Item1, refused?.Item2);
    }
}
