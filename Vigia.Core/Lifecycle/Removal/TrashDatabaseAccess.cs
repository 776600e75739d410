using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Core.Lifecycle.Removal;

/// <summary>
/// Keeps a database in the trash open for the portal alone until this object is disposed. Opening it revokes CONNECT
/// from everybody else in the same transaction; closing it grants it again. If the process dies in between, nobody can
/// connect; a restore grants CONNECT to the tenant's own roles again.
/// </summary>
internal sealed class TrashDatabaseAccess : IAsyncDisposable
{
    private const string GranteesSql = """
        SELECT r.rolname FROM pg_database d, LATERAL aclexplode(d.datacl) AS a JOIN pg_roles r ON r.oid = a.grantee
        WHERE d.datname = $1 AND a.privilege_type = 'CONNECT' AND a.grantee <> d.datdba ORDER BY 1
        """;

    private readonly NpgsqlConnection _session;
    private readonly string _database;
    private readonly string _marker;
    private readonly List<string> _connect;

    private TrashDatabaseAccess(NpgsqlConnection session, string database, string marker, List<string> connect) =>
        (_session, _database, _marker, _connect) = (session, database, marker, connect);

    /// <summary>
    /// Opens the database, one caller at a time. <paramref name="session"/> is a maintenance session that must stay
    /// open as long as the returned object. <paramref name="database"/> is the name in the trash.
    /// </summary>
    public static async Task<TrashDatabaseAccess> OpenAsync(
        NpgsqlConnection session, string database, string marker, CancellationToken cancellationToken)
    {
        await LockAsync(session, "pg_advisory_lock", database, cancellationToken);
        var connect = new List<string>();
        await using (var command =
            new NpgsqlCommand(GranteesSql, session) { Parameters = { new() { Value = database } } })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                connect.Add(reader.GetString(0));
            }
        }

        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var grantees = string.Join(", ", connect.Select(SqlIdentifier.Quote).Prepend("PUBLIC"));
        await MasterDatabase.ExecuteAsync(
            session, $"REVOKE CONNECT ON DATABASE {SqlIdentifier.Quote(database)} FROM {grantees}", cancellationToken);
        await DatabaseDdl.AllowAsync(session, marker, database, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new TrashDatabaseAccess(session, database, marker, connect);
    }

    /// <summary>Closes the database. If it was restored or dropped in the meantime, it is left alone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_session.State != System.Data.ConnectionState.Open)
        {
            // The session is lost: its lock is released, and nobody else can connect to the database.
            return;
        }

        // Not cancelled with the operation, because the database would then stay open.
        if (await DatabaseDdl.DescribeAsync(_session, _database, CancellationToken.None) is { } found
            && found.Marker == _marker)
        {
            await TryAsync(() => DatabaseDdl.BlockAsync(_session, _marker, _database, CancellationToken.None));
            foreach (var role in _connect)
            {
                await TryAsync(() =>
                    RoleDdl.GrantConnectAsync(_session, role, _database, _marker, CancellationToken.None));
            }
        }

        await LockAsync(_session, "pg_advisory_unlock", _database, CancellationToken.None);
    }

    // The database may be renamed, and a role may be dropped, between any two statements.
    private static async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (PostgresException e) when (
            e.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.UndefinedObject)
        {
        }
        catch (DatabaseConflictException)
        {
        }
    }

    private static async Task LockAsync(
        NpgsqlConnection session, string function, string database, CancellationToken cancellationToken)
    {
        await using var command =
            new NpgsqlCommand($"SELECT {function}(hashtextextended('vigia opens ' || $1, 0))", session)
            { Parameters = { new() { Value = database } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
