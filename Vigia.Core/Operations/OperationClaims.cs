using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>A claimed operation. The claim is valid while the row has this epoch.</summary>
public sealed record Claim(Guid Id, long Epoch, bool Cancelling)
{
    public bool IsTakeOver => Epoch > 1;

    /// <summary>How many times in a row the process died while it worked on the operation.</summary>
    public int Crashes { get; init; }
}

/// <summary>
/// Claims, renews and releases operations. PostgreSQL is the queue. See docs/rules.md#operation-queue.
/// State of the process: whether claims are prepared.
/// </summary>
public sealed class OperationClaims(
    NpgsqlDataSource master, OperationCatalog catalog, IOptions<OperationOptions> options)
{
    // A running operation that has a worker and an expired lease belongs to a process that died. An operation that was
    // released, delayed or ended has no worker or no lease.
    //
    // A claim reads four ranges of three indexes: fresh operations, delayed ones that are due (for each priority, the
    // one that has been due the longest), released ones, and those whose lease ran out. Operations that can't be
    // claimed now cost nothing, however many there are. Each range locks its first row for the moment of the statement.
    // clock_timestamp() changes, so no index can serve it. The outer conditions do not depend on the row and are
    // evaluated once.
    private const string Takeable = """
        q.kind = ANY ($3)
        AND EXISTS (SELECT FROM portal.database_servers s
                    WHERE s.id = q.server_id AND coalesce(s.not_before, '-infinity') <= now())
        AND NOT EXISTS (SELECT FROM portal.operations r
                        WHERE r.tenant_id = q.tenant_id AND r.id <> q.id AND r.state IN ('running', 'cancelling'))
        """;

    internal const string ClaimSql = $"""
        UPDATE portal.operations o
        SET state = CASE o.state WHEN 'cancelling' THEN 'cancelling' ELSE 'running' END,
            epoch = o.epoch + 1, worker = $1, lease_until = clock_timestamp() + $2,
            crashes = o.crashes
                + (CASE WHEN o.state IN ('running', 'cancelling') AND o.worker IS NOT NULL AND o.lease_until IS NOT NULL
                        THEN 1 ELSE 0 END),
            attempt = o.attempt + 1, not_before = NULL, started_at = coalesce(o.started_at, clock_timestamp())
        WHERE o.id = (
            SELECT first.id FROM (
                SELECT fresh.*, 1 AS turn FROM (
                    SELECT q.id, q.priority, q.created_at FROM portal.operations q
                    WHERE q.state = 'queued' AND q.not_before IS NULL AND {Takeable}
                    ORDER BY q.priority, q.created_at LIMIT 1 FOR UPDATE OF q SKIP LOCKED) AS fresh
                UNION ALL
                SELECT due.*, 0 FROM unnest(ARRAY[0, 10]) AS of (priority), LATERAL (
                    SELECT q.id, q.priority, q.created_at FROM portal.operations q
                    WHERE q.state = 'queued' AND q.priority = of.priority AND q.not_before <= now() AND {Takeable}
                    ORDER BY q.not_before LIMIT 1 FOR UPDATE OF q SKIP LOCKED) AS due
                UNION ALL
                SELECT released.*, 0 FROM (
                    SELECT q.id, q.priority, q.created_at FROM portal.operations q
                    WHERE q.state IN ('running', 'cancelling') AND q.lease_until IS NULL AND {Takeable}
                    LIMIT 1 FOR UPDATE OF q SKIP LOCKED) AS released
                UNION ALL
                SELECT lost.*, 0 FROM (
                    SELECT q.id, q.priority, q.created_at FROM portal.operations q
                    WHERE q.state IN ('running', 'cancelling') AND q.lease_until < now() AND {Takeable}
                    ORDER BY q.lease_until LIMIT 1 FOR UPDATE OF q SKIP LOCKED) AS lost) AS first
            WHERE EXISTS (SELECT FROM portal.database_servers s WHERE coalesce(s.not_before, '-infinity') <= now())
              AND NOT EXISTS (SELECT FROM portal.instance WHERE workers_paused)
            ORDER BY first.priority, first.turn, first.created_at LIMIT 1)
        RETURNING o.id, o.epoch, o.state = 'cancelling', o.crashes
        """;

    private const string RenewSql = """
        UPDATE portal.operations SET lease_until = clock_timestamp() + $3
        WHERE id = $1 AND epoch = $2 AND state IN ('running', 'cancelling')
        RETURNING state = 'cancelling'
        """;

    private const string ReleaseSql = """
        UPDATE portal.operations
        SET state = CASE state WHEN 'running' THEN 'queued' ELSE state END,
            worker = NULL, lease_until = NULL, attempt = attempt - 1
        WHERE id = $1 AND epoch = $2 AND state IN ('running', 'cancelling')
        """;

    // If not_before is already set, an operation that this one waits for has ended in the meantime. Then this one
    // continues at once.
    private const string PauseSql = """
        WITH paused AS (
            UPDATE portal.operations
            SET state = CASE state WHEN 'running' THEN 'queued' ELSE state END,
                worker = NULL, lease_until = NULL, attempt = attempt - 1, error = NULL,
                crashes = 0, not_before = coalesce(not_before, clock_timestamp() + $3)
            WHERE id = $1 AND epoch = $2 AND state IN ('running', 'cancelling')
            RETURNING id)
        UPDATE portal.operation_steps s SET attempt = s.attempt - 1, detail = $4::jsonb
        FROM paused
        WHERE s.operation_id = paused.id AND s.state = 'running'
        """;

    private const string WakeSql = """
        WITH woken AS (
            UPDATE portal.operations SET not_before = clock_timestamp()
            WHERE id = $1 AND (state = 'running' OR state = 'queued' AND error IS NULL AND not_before IS NOT NULL)
            RETURNING id)
        SELECT pg_notify('vigia_work', '') FROM woken
        """;

    private volatile bool _prepares = true;

    private readonly string _worker =
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}");

    /// <summary>Claims the next operation that may run. Null when there is none.</summary>
    public async Task<Claim?> TryClaimAsync(CancellationToken cancellationToken)
    {
        // Prepared, because planning the ranges takes longer than reading them. The pool keeps it for each session. It
        // reads only tables of the portal, whose columns nobody else changes (docs/decisions/operations.md#d341).
        await using var session = await master.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(ClaimSql, session);
        command.Parameters.Add(new() { Value = _worker });
        command.Parameters.Add(new() { Value = options.Value.Lease });
        command.Parameters.Add(new() { Value = catalog.Kinds.Select(k => k.Code).ToArray() });
        try
        {
            if (_prepares)
            {
                await command.PrepareAsync(cancellationToken);
            }

            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken)
                ? new Claim(reader.GetGuid(0), reader.GetInt64(1),
                    reader.GetBoolean(2))
                { Crashes = reader.GetInt32(3) }
                : null;
        }
        catch (PostgresException e) when (e.SqlState
            is PostgresErrorCodes.InvalidSqlStatementName or PostgresErrorCodes.DuplicatePreparedStatement)
        {
            // A pooler gave the session of the server to somebody else in between.
            _prepares = false;
            return null;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Two workers claimed two operations of one tenant at the same moment. The unique index allowed only one.
            return null;
        }
    }

    /// <summary>Renews the lease.</summary>
    /// <returns>True when a person asked to cancel in the meantime. Null when the claim is lost.</returns>
    public async Task<bool?> RenewAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var command = master.CreateCommand(RenewSql);
        command.CommandTimeout = Math.Max(1, (int)(options.Value.Lease / 3).TotalSeconds);
        command.Parameters.Add(new() { Value = claim.Id });
        command.Parameters.Add(new() { Value = claim.Epoch });
        command.Parameters.Add(new() { Value = options.Value.Lease });
        return (bool?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>
    /// Releases an unfinished claim because the process stops, so that another instance continues at once.
    /// </summary>
    public async Task ReleaseAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var command = master.CreateCommand(ReleaseSql);
        command.Parameters.Add(new() { Value = claim.Id });
        command.Parameters.Add(new() { Value = claim.Epoch });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Pauses an operation. This is no error and does not count as an attempt.</summary>
    public async Task PauseAsync(Claim claim, NotYetException notYet, CancellationToken cancellationToken)
    {
        await using var command = master.CreateCommand(PauseSql);
        command.Parameters.Add(new() { Value = claim.Id });
        command.Parameters.Add(new() { Value = claim.Epoch });
        command.Parameters.Add(new() { Value = notYet.Pause });
        command.Parameters.Add(new() { Value = MessageConverter.ToText(notYet.Detail) });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Ends the pause of an operation. An operation that is running does not begin its next pause.</summary>
    public async Task WakeAsync(Guid operationId, CancellationToken cancellationToken)
    {
        await using var command = master.CreateCommand(WakeSql);
        command.Parameters.Add(new() { Value = operationId });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
