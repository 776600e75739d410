using System.Globalization;
using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>
/// Creates, claims, blocks, renames and drops databases, on a maintenance session of the portal's own role. Every change checks on that same
/// session that the database carries the expected marker; what is not ours is refused (invariant 2).
/// </summary>
public static class DatabaseDdl
{
    /// <summary>Names of databases that are made but not yet claimed begin with it.</summary>
    public const string UnclaimedPrefix = "vigia_new_";

    /// <summary><c>datconnlimit</c> of a database whose DROP was interrupted; it can only be dropped (PostgreSQL, DATCONNLIMIT_INVALID_DB).</summary>
    public const int UnfinishedDrop = -2;

    private const string DescribeSql = """
        SELECT d.datname, shobj_description(d.oid, 'pg_database'), pg_get_userbyid(d.datdba), d.datallowconn, d.datconnlimit
        FROM pg_database d
        """;

    /// <summary>The database under this name; null when there is none.</summary>
    public static async Task<DatabaseDescription?> DescribeAsync(NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        var found = await ListAsync(session, DescribeSql + " WHERE d.datname = $1", name, cancellationToken);
        return found.SingleOrDefault();
    }

    /// <summary>The database that carries this marker, whatever its name; null when there is none.</summary>
    /// <exception cref="DatabaseConflictException">Several carry it (a dump restored with its comments): a person must decide which one is real.</exception>
    public static async Task<DatabaseDescription?> FindByMarkerAsync(NpgsqlConnection session, string marker, CancellationToken cancellationToken)
    {
        var found = await ListAsync(session, DescribeSql + " WHERE shobj_description(d.oid, 'pg_database') = $1 ORDER BY d.datname", marker, cancellationToken);
        return found.Count > 1
            ? throw new DatabaseConflictException("database_marker_twice", string.Join(", ", found.Select(d => d.Name)))
            : found.SingleOrDefault();
    }

    /// <summary>Refuses to go on unless the database that the session is in carries this marker.</summary>
    /// <exception cref="DatabaseConflictException"><c>database_not_ours</c>.</exception>
    public static async Task DemandInsideAsync(NpgsqlConnection session, string marker, CancellationToken cancellationToken) =>
        await DemandOursAsync(session, marker, session.Database!, cancellationToken);

    /// <summary>Bytes on disk.</summary>
    public static async Task<long> SizeAsync(NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_database_size($1)", session) { Parameters = { new() { Value = name } } };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Clones a template under a name that begins with <see cref="UnclaimedPrefix"/>; nobody can connect until it is claimed.</summary>
    public static Task CreateFromTemplateAsync(NpgsqlConnection session, string name, string template, CancellationToken cancellationToken)
    {
        DemandUnclaimedName(name);
        return ExecuteAsync(
            session, "CREATE DATABASE " + SqlIdentifier.Quote(name) + " TEMPLATE " + SqlIdentifier.Quote(template) + " ALLOW_CONNECTIONS false", cancellationToken);
    }

    /// <summary>Makes an empty database (UTF8, C.UTF-8 whatever the cluster's locale) under an unclaimed name; connections are allowed, for migrating it.</summary>
    public static async Task CreateEmptyAsync(NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        DemandUnclaimedName(name);
        await ExecuteAsync(
            session, "CREATE DATABASE " + SqlIdentifier.Quote(name) + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'", cancellationToken);

        // Not only when it is claimed: a tenant's role could look into it while it is being migrated.
        await ExecuteAsync(session, "REVOKE ALL ON DATABASE " + SqlIdentifier.Quote(name) + " FROM PUBLIC", cancellationToken);
    }

    /// <summary>Marks an unclaimed database, takes it from PUBLIC, gives it its name and opens or closes it: one transaction, no moment of doubt.</summary>
    public static async Task ClaimAsync(
        NpgsqlConnection session, string unclaimed, string name, string marker, bool allowConnections, CancellationToken cancellationToken)
    {
        DemandUnclaimedName(unclaimed);
        if (await DescribeAsync(session, unclaimed, cancellationToken) is { Marker: { } other })
        {
            throw new DatabaseConflictException("database_not_ours", unclaimed, other);
        }

        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var quoted = SqlIdentifier.Quote(unclaimed);
        await ExecuteAsync(session, "COMMENT ON DATABASE " + quoted + " IS " + SqlLiteral.Quote(marker), cancellationToken);
        await ExecuteAsync(session, "REVOKE ALL ON DATABASE " + quoted + " FROM PUBLIC", cancellationToken);
        await ExecuteAsync(session, "ALTER DATABASE " + quoted + " ALLOW_CONNECTIONS " + (allowConnections ? "true" : "false"), cancellationToken);
        try
        {
            await ExecuteAsync(session, "ALTER DATABASE " + quoted + " RENAME TO " + SqlIdentifier.Quote(name), cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            throw new DatabaseConflictException("database_exists_not_ours", name);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Refuses new connections, a superuser's too.</summary>
    public static Task BlockAsync(NpgsqlConnection session, string marker, string name, CancellationToken cancellationToken) =>
        AlterOursAsync(session, marker, name, " ALLOW_CONNECTIONS false", cancellationToken);

    /// <summary>Allows connections again.</summary>
    public static Task AllowAsync(NpgsqlConnection session, string marker, string name, CancellationToken cancellationToken) =>
        AlterOursAsync(session, marker, name, " ALLOW_CONNECTIONS true", cancellationToken);

    /// <summary>Renames; nobody may be connected (55006 otherwise, after PostgreSQL's own wait of 5 s).</summary>
    public static Task RenameAsync(NpgsqlConnection session, string marker, string name, string newName, CancellationToken cancellationToken) =>
        AlterOursAsync(session, marker, name, " RENAME TO " + SqlIdentifier.Quote(newName), cancellationToken);

    /// <summary>Drops a database of ours, sessions and all. Can't be undone.</summary>
    public static async Task DropAsync(NpgsqlConnection session, string marker, string name, CancellationToken cancellationToken)
    {
        await DemandOursAsync(session, marker, name, cancellationToken);
        await ExecuteAsync(session, "DROP DATABASE " + SqlIdentifier.Quote(name) + " WITH (FORCE)", cancellationToken);
    }

    /// <summary>Drops an unmarked database under its <see cref="UnclaimedPrefix"/> name; nothing happens when there is none.</summary>
    public static async Task DropUnclaimedAsync(NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        DemandUnclaimedName(name);
        if (await DescribeAsync(session, name, cancellationToken) is { } found)
        {
            if (found.Marker is not null)
            {
                throw new DatabaseConflictException("database_not_ours", name, found.Marker);
            }

            await ExecuteAsync(session, "DROP DATABASE " + SqlIdentifier.Quote(name) + " WITH (FORCE)", cancellationToken);
        }
    }

    /// <summary>Ends all sessions on a database.</summary>
    public static async Task<TerminationResult> TerminateSessionsAsync(NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        var sessions = new List<HeldSession>();
        await using (var list = new NpgsqlCommand(
            "SELECT pid, coalesce(usename, '-'), coalesce(application_name, ''), usesysid IS NULL FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()", session)
        { Parameters = { new() { Value = name } } })
        await using (var reader = await list.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                sessions.Add(new HeldSession(reader.GetInt32(0), reader.GetString(1), reader.GetString(2)) { IsServers = reader.GetBoolean(3) });
            }
        }

        var notPermitted = new List<HeldSession>();
        foreach (var held in sessions)
        {
            await using var terminate = new NpgsqlCommand("SELECT pg_terminate_backend($1)", session) { Parameters = { new() { Value = held.ProcessId } } };
            try
            {
                await terminate.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                // Since CVE-2023-5870 nobody but a superuser may end a worker of the server's own (autovacuum); it ends by itself.
                notPermitted.AddRange(held.IsServers ? [] : [held]);
            }
        }

        return new TerminationResult(sessions.Count, notPermitted);
    }

    private static async Task AlterOursAsync(NpgsqlConnection session, string marker, string name, string change, CancellationToken cancellationToken)
    {
        var found = await DemandOursAsync(session, marker, name, cancellationToken);
        if (found.ConnectionLimit == UnfinishedDrop)
        {
            throw new DatabaseConflictException("database_half_dropped", name);
        }

        await ExecuteAsync(session, "ALTER DATABASE " + SqlIdentifier.Quote(name) + change, cancellationToken);
    }

    private static async Task<DatabaseDescription> DemandOursAsync(NpgsqlConnection session, string marker, string name, CancellationToken cancellationToken)
    {
        var found = await DescribeAsync(session, name, cancellationToken) ?? throw new DatabaseConflictException("database_missing", name);
        return found.Marker == marker ? found : throw new DatabaseConflictException("database_not_ours", name, found.Marker ?? "-");
    }

    private static void DemandUnclaimedName(string name)
    {
        if (!name.StartsWith(UnclaimedPrefix, StringComparison.Ordinal))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} is not the name of an unclaimed database."), nameof(name));
        }
    }

    private static async Task<List<DatabaseDescription>> ListAsync(NpgsqlConnection session, string sql, string argument, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session) { Parameters = { new() { Value = argument } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<DatabaseDescription>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new DatabaseDescription(
                reader.GetString(0), await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1), reader.GetString(2), reader.GetBoolean(3), reader.GetInt32(4)));
        }

        return found;
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
