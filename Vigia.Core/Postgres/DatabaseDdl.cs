using System.Globalization;
using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>
/// Creates, claims, blocks, renames and drops databases, on a maintenance session of the portal's own role. Every
/// change first checks, on the same session, that the database carries the expected marker. Other databases are refused
/// (docs/rules.md#only-our-databases).
/// </summary>
public static class DatabaseDdl
{
    /// <summary>The prefix of databases that are created but not yet claimed.</summary>
    public const string UnclaimedPrefix = "vigia_new_";

    /// <summary>
    /// The <c>datconnlimit</c> of a database whose DROP was interrupted. Such a database can only be dropped
    /// (PostgreSQL, DATCONNLIMIT_INVALID_DB).
    /// </summary>
    public const int UnfinishedDrop = -2;

    private static readonly string DescribeSql = $"""
        SELECT d.datname,
               pg_catalog.left(pg_catalog.shobj_description(d.oid, 'pg_database'::name), {DatabaseMarker.LongestRead}),
               pg_get_userbyid(d.datdba), d.datallowconn,
               d.datconnlimit
        FROM pg_database d
        """;

    /// <summary>Describes the database with this name. Null when there is none.</summary>
    public static async Task<DatabaseDescription?> DescribeAsync(
        NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        var found = await ListAsync(session, DescribeSql + " WHERE d.datname = $1", name, cancellationToken);
        return found.SingleOrDefault();
    }

    /// <summary>
    /// Describes the database that carries this marker. Looks under the expected name first. Only when it is not there,
    /// the comments of all databases are searched.
    /// </summary>
    /// <exception cref="DatabaseConflictException">
    /// Several databases carry the marker, and none of them has the expected name.
    /// </exception>
    public static async Task<DatabaseDescription?> FindByMarkerAsync(
        NpgsqlConnection session, string marker, string expectedName, CancellationToken cancellationToken) =>
        await DescribeAsync(session, expectedName, cancellationToken) is { } expected && expected.Marker == marker
            ? expected : await FindByMarkerAsync(session, marker, cancellationToken);

    /// <summary>
    /// Describes the database that carries this marker, whatever its name, for what must not take one of two for the
    /// other. Null when there is none.
    /// </summary>
    /// <exception cref="DatabaseConflictException">
    /// Several databases carry the marker (a dump was restored with its comments). A person must decide which one is
    /// real.
    /// </exception>
    public static async Task<DatabaseDescription?> FindByMarkerAsync(
        NpgsqlConnection session, string marker, CancellationToken cancellationToken)
    {
        // The comments are searched, and not the databases: shobj_description would be called for each of them.
        var found = await ListAsync(
            session,
            DescribeSql + " WHERE d.oid IN (SELECT m.objoid FROM pg_shdescription m "
            + "WHERE m.classoid = 'pg_database'::regclass AND m.description = $1) ORDER BY d.datname",
            marker, cancellationToken);
        return found.Count > 1
            ? throw new DatabaseConflictException("database_marker_twice", string.Join(", ", found.Select(d => d.Name)))
            : found.SingleOrDefault();
    }

    /// <summary>Reads the marker of the session's own database. Null when it has none.</summary>
    /// <remarks>
    /// Everything is qualified: in a database of somebody else, a function or operator in the schema public that takes
    /// the types of an argument exactly would win over that of the catalogue, run with our rights and give any marker.
    /// </remarks>
    public static async Task<string?> MarkerInsideAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT pg_catalog.left(pg_catalog.shobj_description(d.oid, 'pg_database'::pg_catalog.name),
                {DatabaseMarker.LongestRead})
            FROM pg_catalog.pg_database d
            WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
            """, session);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>Reads the size of a database in bytes on disk.</summary>
    public static async Task<long> SizeAsync(NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        await using var command =
            new NpgsqlCommand("SELECT pg_database_size($1)", session) { Parameters = { new() { Value = name } } };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Clones a template under a name that begins with <see cref="UnclaimedPrefix"/>. Nobody can connect to the clone
    /// until it is claimed.
    /// </summary>
    public static Task CreateFromTemplateAsync(
        NpgsqlConnection session, string name, string template, CancellationToken cancellationToken)
    {
        DemandUnclaimedName(name);
        return ExecuteAsync(
            session, "CREATE DATABASE " + SqlIdentifier.Quote(name) + " TEMPLATE " + SqlIdentifier.Quote(template)
                + " ALLOW_CONNECTIONS false", cancellationToken);
    }

    /// <summary>
    /// Creates an empty database (UTF8, <see cref="DatabaseLocale"/>) under an unclaimed name. Connections are allowed,
    /// so that it can be migrated.
    /// </summary>
    public static async Task CreateEmptyAsync(
        NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        DemandUnclaimedName(name);
        await DatabaseLocale.CreateAsync(
            session, "CREATE DATABASE " + SqlIdentifier.Quote(name) + " TEMPLATE template0 ENCODING 'UTF8'",
            cancellationToken);

        // Revoked now and not only at the claim: a tenant's role could otherwise connect while the database is being
        // migrated.
        await ExecuteAsync(session, "REVOKE ALL ON DATABASE " + SqlIdentifier.Quote(name) + " FROM PUBLIC",
            cancellationToken);
    }

    /// <summary>
    /// Marks an unclaimed database, revokes all rights of PUBLIC, gives it its name, and allows or forbids connections.
    /// This happens in one transaction, so that no other session sees a half-claimed database.
    /// </summary>
    public static async Task ClaimAsync(
        NpgsqlConnection session, string unclaimed, string name, string marker, bool allowConnections,
        CancellationToken cancellationToken)
    {
        DemandUnclaimedName(unclaimed);
        if (await DescribeAsync(session, unclaimed, cancellationToken) is { Marker: { } other })
        {
            throw new DatabaseConflictException("database_not_ours", unclaimed, other);
        }

        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var quoted = SqlIdentifier.Quote(unclaimed);
        await ExecuteAsync(session, "COMMENT ON DATABASE " + quoted + " IS " + SqlLiteral.Quote(marker),
            cancellationToken);
        await ExecuteAsync(session, "REVOKE ALL ON DATABASE " + quoted + " FROM PUBLIC", cancellationToken);
        await ExecuteAsync(session,
            "ALTER DATABASE " + quoted + " ALLOW_CONNECTIONS " + (allowConnections ? "true" : "false"),
            cancellationToken);
        try
        {
            await ExecuteAsync(session, "ALTER DATABASE " + quoted + " RENAME TO " + SqlIdentifier.Quote(name),
                cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            throw new DatabaseConflictException("database_exists_not_ours", name);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Makes the database refuse new connections, also those of a superuser.</summary>
    public static Task BlockAsync(
        NpgsqlConnection session, string marker, string name, CancellationToken cancellationToken) =>
        AlterOursAsync(session, marker, name, " ALLOW_CONNECTIONS false", cancellationToken);

    /// <summary>Makes the database accept connections again.</summary>
    public static Task AllowAsync(
        NpgsqlConnection session, string marker, string name, CancellationToken cancellationToken) =>
        AlterOursAsync(session, marker, name, " ALLOW_CONNECTIONS true", cancellationToken);

    /// <summary>Renames the database. Nobody may be connected: PostgreSQL waits 5 s and then throws 55006.</summary>
    public static Task RenameAsync(
        NpgsqlConnection session, string marker, string name, string newName, CancellationToken cancellationToken) =>
        AlterOursAsync(session, marker, name, " RENAME TO " + SqlIdentifier.Quote(newName), cancellationToken);

    /// <summary>Drops a database of the portal and ends its sessions. This can't be undone.</summary>
    public static async Task DropAsync(
        NpgsqlConnection session, string marker, string name, CancellationToken cancellationToken)
    {
        await DemandOursAsync(session, marker, name, cancellationToken);
        await ExecuteWithTimeoutAsync(
            session, marker, name, "DROP DATABASE " + SqlIdentifier.Quote(name) + " WITH (FORCE)", cancellationToken);
    }

    /// <summary>
    /// Drops an unmarked database with an <see cref="UnclaimedPrefix"/> name. Does nothing when there is none.
    /// </summary>
    public static async Task DropUnclaimedAsync(
        NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        DemandUnclaimedName(name);
        if (await DescribeAsync(session, name, cancellationToken) is { } found)
        {
            if (found.Marker is not null)
            {
                throw new DatabaseConflictException("database_not_ours", name, found.Marker);
            }

            await ExecuteAsync(session, "DROP DATABASE " + SqlIdentifier.Quote(name) + " WITH (FORCE)",
                cancellationToken);
        }
    }

    /// <summary>Ends all sessions on a database.</summary>
    public static async Task<TerminationResult> TerminateSessionsAsync(
        NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        var sessions = new List<HeldSession>();
        await using (var list = new NpgsqlCommand(
            """
            SELECT pid, coalesce(usename, '-'), coalesce(application_name, ''), usesysid IS NULL
            FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()
            """, session)
        { Parameters = { new() { Value = name } } })
        await using (var reader = await list.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                sessions.Add(new HeldSession(
                    reader.GetInt32(0), reader.GetString(1), reader.GetString(2))
                { IsServerProcess = reader.GetBoolean(3) });
            }
        }

        var notPermitted = new List<HeldSession>();
        foreach (var held in sessions)
        {
            await using var terminate =
                new NpgsqlCommand("SELECT pg_terminate_backend($1)",
                session)
                { Parameters = { new() { Value = held.ProcessId } } };
            try
            {
                await terminate.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                // Since the fix of CVE-2023-5870 only a superuser may end a process of the server itself (autovacuum).
                // It ends without help.
                notPermitted.AddRange(held.IsServerProcess ? [] : [held]);
            }
        }

        // A process of the server itself blocks neither RENAME nor DROP, because both end it themselves.
        return new TerminationResult(sessions.Count(s => !s.IsServerProcess), notPermitted);
    }

    private static async Task AlterOursAsync(
        NpgsqlConnection session, string marker, string name, string change, CancellationToken cancellationToken)
    {
        var found = await DemandOursAsync(session, marker, name, cancellationToken);
        if (found.ConnectionLimit == UnfinishedDrop)
        {
            throw new DatabaseConflictException("database_half_dropped", name);
        }

        await ExecuteWithTimeoutAsync(
            session, marker, name, "ALTER DATABASE " + SqlIdentifier.Quote(name) + change, cancellationToken);
    }

    private static async Task<DatabaseDescription> DemandOursAsync(
        NpgsqlConnection session, string marker, string name, CancellationToken cancellationToken)
    {
        var found = await DescribeAsync(session, name, cancellationToken)
            ?? throw new DatabaseConflictException("database_missing", name);
        return found.Marker == marker ? found
            : throw new DatabaseConflictException("database_not_ours", name, found.Marker ?? "-");
    }

    private static void DemandUnclaimedName(string name)
    {
        if (!name.StartsWith(UnclaimedPrefix, StringComparison.Ordinal))
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{name} is not the name of an unclaimed database."),
                nameof(name));
        }
    }

    private static async Task<List<DatabaseDescription>> ListAsync(
        NpgsqlConnection session, string sql, string argument, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session) { Parameters = { new() { Value = argument } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<DatabaseDescription>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new DatabaseDescription(
                reader.GetString(0), await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1),
                reader.GetString(2), reader.GetBoolean(3), reader.GetInt32(4)));
        }

        return found;
    }

    // A transaction in another database may hold the database's row or lock for hours. The timeout gives 55P03 early
    // enough to name the holder. DROP DATABASE can't run in a transaction, so the timeout is set on the session. After
    // an error it stays set, which does no harm, because such a session does little more.
    private static async Task ExecuteWithTimeoutAsync(
        NpgsqlConnection session, string marker, string name, string sql, CancellationToken cancellationToken)
    {
        await ExecuteAsync(session, "SET lock_timeout = '5s'", cancellationToken);
        try
        {
            await ExecuteAsync(session, sql, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await EndLockingTenantsAsync(session, marker, name, cancellationToken);
            await ExecuteAsync(session, sql, cancellationToken);
        }

        await ExecuteAsync(session, "RESET lock_timeout", cancellationToken);
    }

    // Any role may lock any database from any other: ALTER ROLE CURRENT_USER IN DATABASE keeps the lock until its
    // transaction ends.
    private static async Task EndLockingTenantsAsync(
        NpgsqlConnection session, string marker, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT pg_terminate_backend(a.pid)
            FROM pg_database d
            JOIN pg_locks l ON l.granted
                AND (l.locktype = 'object' AND l.classid = 'pg_database'::regclass AND l.objid = d.oid
                     OR l.locktype = 'transactionid' AND l.transactionid = d.xmax)
            JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_roles r ON r.oid = a.usesysid
            WHERE d.datname = $1 AND a.pid <> pg_backend_pid() AND NOT r.rolsuper
              AND shobj_description(r.oid, 'pg_authid') LIKE $2
            """, session)
        { Parameters = { new() { Value = name }, new() { Value = DatabaseMarker.RolePatternOf(marker) } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
