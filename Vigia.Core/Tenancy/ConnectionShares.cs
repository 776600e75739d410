using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Tenancy;

/// <summary>The share of an instance.</summary>
/// <param name="Held">The connections that it may have now.</param>
/// <param name="Fair">The connections that it may have once all instances have an equal share.</param>
internal readonly record struct Share(int Held, int Fair);

/// <summary>
/// Divides the connections to the server among the instances. All have an equal share. An instance that joins gets
/// only what the others have acknowledged as free. The share of an instance whose lease has ended is free when the
/// server shows no connection of it any more.
/// State of the process: the budget of the server, as it last said it.
/// </summary>
internal sealed class ConnectionShares(
    NpgsqlDataSource master, MasterIdentity identity, IOptions<TenancyOptions> options)
{
    /// <summary>The beginning of the application name of connections. The id of the instance follows.</summary>
    public const string NamePrefix = "vigia-tenants-";

    /// <summary>How long a share may be used without being renewed.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    private const int TimeoutSeconds = 2;
    private const int NotAsked = -1;
    private volatile int _budget = NotAsked;

    // Waiting longer for a lock would outlast the lease.
    private const string WaitSql = "SELECT set_config('lock_timeout', '1s', true)";

    // The statements run one after another. Each sees the changes of the earlier ones, and those that other instances
    // have committed.
    private const string LockSql = "SELECT id FROM portal.database_servers WHERE id = $1 FOR NO KEY UPDATE";

    private const string ForgetSql = """
        DELETE FROM portal.connection_shares s
        WHERE s.server_id = $1 AND s.instance_id <> $2 AND s.lease_until < clock_timestamp()
          AND NOT EXISTS (SELECT FROM pg_stat_activity a
                          WHERE a.application_name = $3 || replace(s.instance_id::text, '-', ''))
        """;

    // An instance keeps what it has acknowledged, but never more than its row says. Others may have forgotten the row
    // after its lease had ended: then it keeps nothing.
    private const string RenewSql = """
        WITH total AS (
            SELECT coalesce($4, greatest(1, current_setting('max_connections')::integer
                - current_setting('superuser_reserved_connections')::integer
                - coalesce(current_setting('reserved_connections', true)::integer, 0) - $5)) AS connections
        ), others AS (
            SELECT coalesce(sum(held), 0)::integer AS held, count(*)::integer AS instances
            FROM portal.connection_shares WHERE server_id = $1 AND instance_id <> $2
        ), before AS (
            SELECT coalesce(max(held), 0) AS held
            FROM portal.connection_shares WHERE server_id = $1 AND instance_id = $2
        ), mine AS (
            SELECT greatest(1, t.connections / (o.instances + 1)) AS fair, t.connections - o.held AS free
            FROM total t, others o
        )
        INSERT INTO portal.connection_shares AS s (server_id, instance_id, held, lease_until)
        SELECT $1, $2, greatest(least($3, b.held), least(m.fair, m.free)), clock_timestamp() + $6
        FROM mine m, before b
        ON CONFLICT (server_id, instance_id) DO UPDATE SET held = EXCLUDED.held, lease_until = EXCLUDED.lease_until
        RETURNING s.held, (SELECT fair FROM mine), (SELECT connections FROM total)
        """;

    /// <summary>Whether there are shares: not on a master that may be a copy.</summary>
    public bool MayBeUsed => identity.ReadOnly is null;

    /// <summary>The connections of all instances together. Null when the server was not asked yet.</summary>
    public int? Budget => _budget is not NotAsked and var budget ? budget : null;

    /// <summary>Says how many connections this instance may still have, and takes its share of what is free.</summary>
    /// <param name="instance">The id of the instance.</param>
    /// <param name="acknowledged">
    /// The instance has at most this many connections now, and opens no more before the answer.
    /// </param>
    /// <returns>The share, which is smaller than acknowledged if the master had forgotten it.</returns>
    /// <param name="cancellationToken">Cancels the renewal.</param>
    public async Task<Share> RenewAsync(Guid instance, int acknowledged, CancellationToken cancellationToken)
    {
        await using var session = await master.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(session)
        {
            Timeout = TimeoutSeconds,
            BatchCommands =
            {
                Command(WaitSql),
                Command(LockSql, ServerConnections.MasterServerId),
                Command(ForgetSql, ServerConnections.MasterServerId, instance, NamePrefix),
                Command(RenewSql, ServerConnections.MasterServerId, instance, acknowledged,
                    options.Value.ConnectionsPerServer, options.Value.ConnectionReserve, Lease),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        _budget = reader.GetInt32(2);
        return new Share(reader.GetInt32(0), reader.GetInt32(1));
    }

    /// <summary>Frees the share of an instance that has no connection any more and opens none.</summary>
    public async Task LeaveAsync(Guid instance, CancellationToken cancellationToken)
    {
        await using var command = master.CreateCommand("DELETE FROM portal.connection_shares WHERE instance_id = $1");
        command.Parameters.Add(new() { Value = instance });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlBatchCommand Command(string sql, params object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(value is null
                ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer }
                : new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
