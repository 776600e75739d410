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

    /// <summary>A DROP DATABASE was interrupted. PostgreSQL lets nobody in again, and only drops it.</summary>
    Unfinished,

    /// <summary>The role of its tenant has lost <see cref="RoleDdl.TenantGroup"/>, which holds its rights.</summary>
    GroupMissing,

    /// <summary>The server refuses the password of its tenant's role.</summary>
    PasswordRefused,

    /// <summary>
    /// The server refuses the sessions of its tenant's role for a reason that its catalogue does not show:
    /// <c>pg_hba.conf</c>, or a trigger on login.
    /// </summary>
    SessionRefused,

    /// <summary>Its tenant's role may not read what the portal counts.</summary>
    ContentRefused,
}

/// <summary>Tells the refusals apart by who can see them.</summary>
public static class DatabaseRefusals
{
    /// <summary>
    /// Those that only a session of the tenant's role meets. A look at the catalogue neither finds nor clears them.
    /// </summary>
    public static readonly IReadOnlyList<DatabaseRefusal> SeenInside =
        [DatabaseRefusal.PasswordRefused, DatabaseRefusal.SessionRefused, DatabaseRefusal.ContentRefused];
}

/// <summary>A database as the server's catalogue shows it.</summary>
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
    // A role or database that is dropped meanwhile makes the privilege functions return null. Names are read as names,
    // because those of others may be in any encoding (see TolerantTypes). Somebody may have declared a tenant's
    // database a template.
    private const string Sql = """
        SELECT d.datname, d.datallowconn, d.datconnlimit, has_database_privilege(d.oid, 'CONNECT'),
               current_user::text, c.role, r.rolcanlogin, r.rolvaliduntil < now(),
               has_database_privilege(r.oid, d.oid, 'CONNECT'),
               pg_has_role(r.oid, to_regrole($4)::oid, 'USAGE'), pg_has_role(r.oid, to_regrole($4)::oid, 'MEMBER')
        FROM pg_database d
        LEFT JOIN unnest($1::text[], $2::text[]) AS c(name, role) ON c.name = d.datname
        LEFT JOIN pg_roles r ON r.rolname = c.role
        WHERE (NOT d.datistemplate OR c.role IS NOT NULL) AND ($3::name[] IS NULL OR d.datname = ANY ($3::name[]))
        """;

    private const string SizesSql = """
        SELECT d.datname, CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid) END
        FROM pg_database d WHERE d.datname = ANY ($1::name[])
        """;

    /// <summary>
    /// Surveys the databases of the server that are no templates, and those of tenants. Leaves out databases whose name
    /// is not UTF-8: they are not ours, and no session can name them.
    /// </summary>
    /// <param name="session">A session of the portal's own role on the server.</param>
    /// <param name="roles">The login roles by database. Databases without a role are surveyed too.</param>
    /// <param name="only">The names to look at. Null for all.</param>
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
                new() { Value = RoleDdl.TenantGroup },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<SurveyedDatabase>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (TolerantTypes.IsWhole(reader.GetString(0)))
            {
                found.Add(Read(reader, session.PostgreSqlVersion));
            }
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

    // Since PostgreSQL 16 each membership says whether its rights are inherited. Before, the member says so.
    private static string JoinSql(string role, bool isMember, Version version) =>
        (version.Major >= 16, isMember, SqlIdentifier.Quote(RoleDdl.TenantGroup), SqlIdentifier.Quote(role)) switch
        {
            (true, _, var group, var member) => $"GRANT {group} TO {member} WITH INHERIT TRUE;",
            (false, true, _, var member) => $"ALTER ROLE {member} INHERIT;",
            (false, false, var group, var member) => $"GRANT {group} TO {member};",
        };

    private static SurveyedDatabase Read(NpgsqlDataReader row, Version version)
    {
        bool? Flag(int column) => row.IsDBNull(column) ? null : row.GetBoolean(column);
        var name = row.GetString(0);
        var database = SqlIdentifier.Quote(name);
        var role = row.IsDBNull(5) ? null : row.GetString(5);
        var portal = SqlIdentifier.Quote(row.GetString(4));
        (DatabaseRefusal, string?)? refused = (row.GetInt32(2), role) switch
        {
            (DatabaseDdl.UnfinishedDrop, _) => (DatabaseRefusal.Unfinished, null),
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
                (
                    DatabaseRefusal.TenantRefused,
                    $"GRANT CONNECT ON DATABASE {database} TO {SqlIdentifier.Quote(role)};"),
            _ when Flag(9) == false => (DatabaseRefusal.GroupMissing, JoinSql(role, Flag(10) == true, version)),
            _ => null,
        };
        return new SurveyedDatabase(name, refused?.Item1, refused?.Item2);
    }
}
