using System.Text.Json;
using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>Facts from a server's catalogue about one database that the portal did not create.</summary>
public sealed record DatabaseFacts
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    // Bytes, because the names of databases and roles of others may be in any encoding (see TolerantTypes).
    private const string Sql = """
        SELECT textsend(jsonb_build_object(
            'name', d.datname, 'oid', d.oid::bigint,
            'comment', pg_catalog.shobj_description(d.oid, 'pg_database'::name),
            'owner', pg_get_userbyid(d.datdba), 'portal_role', current_user,
            'server_version', current_setting('server_version_num')::integer / 10000,
            'owner_is_superuser', (SELECT rolsuper FROM pg_roles r WHERE r.oid = d.datdba),
            'is_owned_by_us', pg_has_role(d.datdba, 'USAGE'), 'allows_connections', d.datallowconn,
            'connection_limit', d.datconnlimit, 'is_template', d.datistemplate,
            'encoding', pg_encoding_to_char(d.encoding),
            'locale', concat_ws(' ', to_jsonb(d) ->> 'datlocprovider', d.datcollate, d.datctype,
                to_jsonb(d) ->> 'daticulocale', to_jsonb(d) ->> 'datlocale'),
            'may_connect', has_database_privilege(d.oid, 'CONNECT'),
            'size_bytes', CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid) END,
            'public_rights', (SELECT coalesce(jsonb_agg(a.privilege_type ORDER BY a.privilege_type), '[]')
                FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE a.grantee = 0),
            'connected', (SELECT coalesce(jsonb_agg(jsonb_build_object('role', c.usename, 'program',
                    c.application_name, 'sessions', c.n) ORDER BY c.usename, c.application_name), '[]')
                FROM (SELECT usename, application_name, count(*) AS n FROM pg_stat_activity
                      WHERE datid = d.oid AND pid <> pg_backend_pid() AND usename IS NOT NULL
                        AND NOT (usename = current_user AND application_name LIKE 'Vigia%') GROUP BY 1, 2) AS c)
            )::text)
        FROM pg_database d WHERE d.datname = $1
        """;

    public required string Name { get; init; }

    /// <summary>Tells it from another database that gets its name later.</summary>
    public long Oid { get; init; }

    public string? Comment { get; init; }

    public required string Owner { get; init; }

    /// <summary>The role of the session.</summary>
    public required string PortalRole { get; init; }

    public int ServerVersion { get; init; }

    public bool OwnerIsSuperuser { get; init; }

    /// <summary>Whether the role of the session has the rights of the owner.</summary>
    public bool IsOwnedByUs { get; init; }

    public bool AllowsConnections { get; init; }

    public int ConnectionLimit { get; init; }

    public bool IsTemplate { get; init; }

    public required string Encoding { get; init; }

    public required string Locale { get; init; }

    public bool MayConnect { get; init; }

    /// <summary>Bytes on disk; null when the portal may not ask.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>The rights that PUBLIC has on it.</summary>
    public IReadOnlyList<string> PublicRights { get; init; } = [];

    public IReadOnlyList<ConnectedProgram> Connected { get; init; } = [];

    /// <summary>Reads the facts; null when there is no such database.</summary>
    /// <param name="catalogue">A session of the portal's role in any database of the server.</param>
    public static async Task<DatabaseFacts?> ReadAsync(
        NpgsqlConnection catalogue, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, catalogue) { Parameters = { new() { Value = name } } };
        return await command.ExecuteScalarAsync(cancellationToken) is byte[] json
            ? JsonSerializer.Deserialize<DatabaseFacts>(TolerantTypes.TextOf(json), Options) : null;
    }
}

/// <summary>A role, and one through which its members reach the server itself.</summary>
public sealed record PowerfulOwner(string Role, string Reaches)
{
    // Membership gives no access to objects of a superuser: their owner has to change.
    private const string Sql = """
        SELECT r.rolname::text, p.rolname::text FROM pg_roles r JOIN pg_roles p ON pg_has_role(r.oid, p.oid, 'MEMBER')
        WHERE r.rolname = ANY ($1) AND NOT r.rolsuper AND r.rolname <> current_user AND (p.rolsuper OR p.rolname IN
            ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files'))
        ORDER BY 1, 2
        """;

    /// <summary>
    /// Finds the roles among <paramref name="owners"/> that are members of a superuser, or may run programs or use
    /// files of the server. The portal would be one, too, as a member of theirs.
    /// </summary>
    public static async Task<IReadOnlyList<PowerfulOwner>> FindAsync(
        NpgsqlConnection session, IReadOnlyCollection<string> owners, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session)
        {
            Parameters = { new() { Value = owners.ToArray() } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<PowerfulOwner>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new PowerfulOwner(reader.GetString(0), reader.GetString(1)));
        }

        return found;
    }
}

/// <summary>Sessions of one role and program in a database.</summary>
public sealed record ConnectedProgram(string Role, string Program, int Sessions);

/// <summary>Facts from the catalogue inside a database, without its tables.</summary>
public sealed record DatabaseInsideFacts
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private const string Sql = """
        SELECT textsend(jsonb_build_object(
            'schema_owner', pg_get_userbyid(n.nspowner), 'schema_is_owned_by_us', pg_has_role(n.nspowner, 'USAGE'),
            'schema_comment', obj_description(n.oid, 'pg_namespace'),
            'public_may_create', EXISTS (
                SELECT FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
                WHERE a.grantee = 0 AND a.privilege_type = 'CREATE'),
            'extensions', (SELECT coalesce(jsonb_agg(extname || ' ' || extversion ORDER BY extname), '[]')
                FROM pg_extension WHERE extname <> 'plpgsql'),
            'event_triggers', (SELECT coalesce(jsonb_agg(evtname ORDER BY evtname), '[]') FROM pg_event_trigger
                WHERE evtenabled <> 'D'),
            'schemas', (SELECT coalesce(jsonb_agg(nspname ORDER BY nspname), '[]') FROM pg_namespace
                WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('public', 'information_schema')),
            'owners', (SELECT coalesce(jsonb_agg(jsonb_build_object('role', o.role, 'objects', o.n)
                    ORDER BY o.role), '[]')
                FROM (SELECT pg_get_userbyid(relowner) AS role, count(*) AS n FROM pg_class c
                      JOIN pg_namespace s ON s.oid = c.relnamespace
                      WHERE s.nspname NOT LIKE 'pg\_%' AND s.nspname <> 'information_schema'
                        AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') GROUP BY 1) AS o)
            )::text)
        FROM pg_namespace n WHERE n.nspname = 'public'
        """;

    public required string SchemaOwner { get; init; }

    public bool SchemaIsOwnedByUs { get; init; }

    public string? SchemaComment { get; init; }

    public bool PublicMayCreate { get; init; }

    /// <summary>Names and versions, without <c>plpgsql</c>.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>They run with the rights of whatever role makes or drops an object.</summary>
    public IReadOnlyList<string> EventTriggers { get; init; } = [];

    /// <summary>Schemas of others, beside <c>public</c>.</summary>
    public IReadOnlyList<string> Schemas { get; init; } = [];

    public IReadOnlyList<ObjectOwner> Owners { get; init; } = [];

    /// <summary>Reads the facts; null when the database has no schema <c>public</c>.</summary>
    public static async Task<DatabaseInsideFacts?> ReadAsync(
        NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session);
        return await command.ExecuteScalarAsync(cancellationToken) is byte[] json
            ? JsonSerializer.Deserialize<DatabaseInsideFacts>(TolerantTypes.TextOf(json), Options) : null;
    }
}

/// <summary>How many relations a role owns in a database.</summary>
public sealed record ObjectOwner(string Role, int Objects);
