using System.Security.Cryptography;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Operations;

/// <summary>
/// Keeps a worker that lost its operation from acting. Every session of an operation first takes the operation's
/// advisory lock in its database and then reads the epoch in the master. The worker acts only on such sessions
/// (docs/rules.md#fence).
/// </summary>
public sealed class OperationFence(
    NpgsqlDataSource master, ServerConnections servers, MasterIdentity identity, TimeProvider time)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The database in which maintenance commands run: the master itself.</summary>
    public string MaintenanceDatabase => servers.MaintenanceDatabase;

    /// <summary>
    /// The key of the advisory lock. It also depends on the master, because two masters may share a server.
    /// </summary>
    public long Key(Guid operationId)
    {
        Span<byte> id = stackalloc byte[32];
        identity.MasterId.TryWriteBytes(id);
        operationId.TryWriteBytes(id[16..]);
        return BitConverter.ToInt64(SHA256.HashData(id), 0);
    }

    /// <summary>Opens a fenced session in <paramref name="database"/>.</summary>
    /// <exception cref="OperationLostException">Another worker has the operation.</exception>
    /// <exception cref="DatabaseUnreachableException">The server gives sessions, but none in this one.</exception>
    /// <exception cref="ServerUnreachableException">The server does not answer.</exception>
    public async Task<NpgsqlConnection> OpenAsync(
        Claim claim, int serverId, string database, CancellationToken cancellationToken)
    {
        var connection = await OpenUnfencedAsync(serverId, database, cancellationToken);
        try
        {
            await LockAsync(connection, claim, cancellationToken);
            await DemandEpochAsync(claim, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Throws when the epoch of the row differs from that of the claim.</summary>
    /// <exception cref="OperationLostException">Another worker has the operation.</exception>
    public async Task DemandEpochAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var command = master.CreateCommand("SELECT FROM portal.operations WHERE id = $1 AND epoch = $2");
        command.Parameters.Add(new() { Value = claim.Id });
        command.Parameters.Add(new() { Value = claim.Epoch });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw new OperationLostException(claim.Id);
        }
    }

    /// <summary>
    /// Ends all sessions that an earlier worker of this operation left on the server, and waits until they are gone.
    /// </summary>
    public async Task EndEarlierSessionsAsync(Claim claim, int serverId, CancellationToken cancellationToken)
    {
        await using var connection = await OpenUnfencedAsync(serverId, servers.MaintenanceDatabase, cancellationToken);

        // pg_locks shows the advisory locks of all databases. A 64-bit key is split into classid and objid, with
        // objsubid 1. A DROP DATABASE that can no longer be stopped ignores the termination, so the loop waits for it.
        while (true)
        {
            await using var command = new NpgsqlCommand(
                """
                SELECT count(*) FILTER (WHERE pg_terminate_backend(pid) IS NOT NULL)
                FROM pg_locks
                WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND pid <> pg_backend_pid()
                  AND ((classid::bigint << 32) | objid::bigint) = $1
                """, connection)
            { Parameters = { new() { Value = Key(claim.Id) } } };
            if ((long)(await command.ExecuteScalarAsync(cancellationToken))! == 0)
            {
                return;
            }

            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    // A database that gives no session is a refusal of the rules already. In the maintenance database, these three
    // codes need a person. Any other refusal is about the server or the portal's role there: it starts or stops, is
    // full, or pg_hba.conf or the role was changed.
    private async Task<NpgsqlConnection> OpenUnfencedAsync(
        int serverId, string database, CancellationToken cancellationToken)
    {
        var isForeign = database != MaintenanceDatabase
            && !database.StartsWith(DatabaseDdl.UnclaimedPrefix, StringComparison.Ordinal)
            && await IsForeignAsync(database, cancellationToken);
        try
        {
            return isForeign ? await servers.OpenForeignAsync(serverId, database, cancellationToken)
                : await servers.OpenAsync(serverId, database, cancellationToken);
        }
        catch (NpgsqlException e) when (!NeedsPerson(e))
        {
            throw new ServerUnreachableException(serverId, e);
        }
    }

    // Whether somebody else made the database: it is or was adopted, or the portal has no row of it.
    private async Task<bool> IsForeignAsync(string database, CancellationToken cancellationToken)
    {
        await using var command = master.CreateCommand(
            """
            SELECT EXISTS (
                SELECT FROM portal.adoptions a WHERE a.database_name = $1
                    OR a.database_id IN (SELECT id FROM portal.databases WHERE name = $1)
            ) OR NOT EXISTS (SELECT FROM portal.databases WHERE name = $1)
            """);
        command.Parameters.Add(new() { Value = database });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static bool NeedsPerson(NpgsqlException e) => e is PostgresException
    {
        SqlState: PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.ObjectNotInPrerequisiteState
    };

    private async Task LockAsync(NpgsqlConnection connection, Claim claim, CancellationToken cancellationToken)
    {
        // A stale worker that continues holds the lock only until it has read the epoch, so a short wait is enough.
        var started = time.GetTimestamp();
        await using var command =
            new NpgsqlCommand(
                "SELECT pg_catalog.pg_try_advisory_lock($1), pg_catalog.set_config('application_name', $2, false)",
                connection)
            {
                Parameters = { new() { Value = Key(claim.Id) }, new() { Value = $"Vigia operation {claim.Id}" } },
            };
        while (await command.ExecuteScalarAsync(cancellationToken) is not true)
        {
            if (time.GetElapsedTime(started) > LockTimeout)
            {
                throw new TimeoutException("Another session holds this operation's lock.");
            }

            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }
}
