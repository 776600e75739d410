using System.Security.Cryptography;
using Npgsql;
using Vigia.Core.Databases;
using Vigia.Core.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// Keeps a worker that lost its operation from acting: every session of an operation first takes the operation's advisory lock in the
/// database it works in, then reads the epoch in the master, and acts only on that session (architecture section 4).
/// </summary>
public sealed class OperationFence(NpgsqlDataSource master, ServerConnections servers, MasterIdentity identity, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan HolderMayTake = TimeSpan.FromSeconds(30);

    /// <summary>The lock's key: of this master's operation and no other's, for two masters may share a server.</summary>
    public long Key(Guid operationId)
    {
        Span<byte> id = stackalloc byte[32];
        identity.MasterId.TryWriteBytes(id);
        operationId.TryWriteBytes(id[16..]);
        return BitConverter.ToInt64(SHA256.HashData(id), 0);
    }

    /// <summary>Opens a fenced session in <paramref name="database"/>.</summary>
    /// <exception cref="OperationLostException">Another worker has the operation.</exception>
    /// <exception cref="ServerUnreachableException">The server does not answer.</exception>
    public async Task<NpgsqlConnection> OpenAsync(Claim claim, int serverId, string database, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection;
        try
        {
            connection = await servers.OpenAsync(serverId, database, $"Vigia operation {claim.Id}", cancellationToken);
        }
        catch (NpgsqlException e) when (e is not PostgresException)
        {
            throw new ServerUnreachableException(serverId, e);
        }

        try
        {
            await LockAsync(connection, Key(claim.Id), cancellationToken);
            await DemandEpochAsync(claim, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Refuses to go on when the row's epoch is not the claim's.</summary>
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

    /// <summary>Ends every session that an earlier worker of this operation left on the server, and waits until they are gone.</summary>
    public async Task EndEarlierSessionsAsync(Claim claim, int serverId, CancellationToken cancellationToken)
    {
        await using var connection = await servers.OpenAsync(serverId, servers.MaintenanceDatabase, $"Vigia take-over {claim.Id}", cancellationToken);

        // pg_locks shows the advisory locks of all databases; a 64-bit key is split into classid and objid, objsubid 1. A DROP past its point of
        // no return does not end when told to: it is waited for.
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

            await Task.Delay(LookAgain, time, cancellationToken);
        }
    }

    private async Task LockAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken)
    {
        // A stale worker that wakes up holds the lock only until it has read the epoch, so a short wait is enough.
        var started = time.GetTimestamp();
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = key } } };
        while (await command.ExecuteScalarAsync(cancellationToken) is not true)
        {
            if (time.GetElapsedTime(started) > HolderMayTake)
            {
                throw new TimeoutException("Another session holds this operation's lock.");
            }

            await Task.Delay(LookAgain, time, cancellationToken);
        }
    }
}
