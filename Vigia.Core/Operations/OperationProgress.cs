using Npgsql;
using NpgsqlTypes;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// Writes the progress of steps for people to see. Writes only with the epoch of the claim, and with
/// <c>synchronous_commit = off</c>: every step checks before it acts, so a lost progress row does no harm
/// (docs/rules.md#progress).
/// </summary>
public sealed class OperationProgress(NpgsqlDataSource master)
{
    private const string StepSql = """
        UPDATE portal.operation_steps s
        SET state = $4, attempt = s.attempt + (CASE $4 WHEN 'running' THEN 1 ELSE 0 END), error = $5::jsonb,
            started_at = CASE WHEN $4 = 'running' AND (s.state <> 'running' OR s.attempt > 0)
                              THEN clock_timestamp() ELSE s.started_at END,
            finished_at = CASE $4 WHEN 'running' THEN NULL ELSE clock_timestamp() END
        FROM portal.operations o
        WHERE o.id = $1 AND o.epoch = $2 AND s.operation_id = o.id AND s.ordinal = $3
        RETURNING o.state = 'cancelling'
        """;

    private const string ProgressSql = """
        UPDATE portal.operations o
        SET crashes = CASE WHEN $3 THEN 0 ELSE o.crashes END,
            progress = (SELECT 100 * count(*) FILTER (WHERE s.state = 'done') / greatest(count(*), 1)
                        FROM portal.operation_steps s WHERE s.operation_id = o.id)
        WHERE o.id = $1 AND o.epoch = $2
        """;

    private const string DetailSql = """
        WITH ours AS (
            UPDATE portal.operations SET progress = coalesce($4, progress)
            WHERE id = $1 AND epoch = $2 RETURNING id)
        UPDATE portal.operation_steps s SET detail = $3::jsonb
        FROM ours
        WHERE s.operation_id = ours.id AND s.state = 'running'
        """;

    /// <summary>Sets a step's state and the operation's percentage.</summary>
    /// <returns>Whether a person asked to cancel in the meantime.</returns>
    /// <exception cref="OperationLostException">The epoch is no longer the claim's.</exception>
    public async Task<bool> SetStepStateAsync(
        Claim claim, int ordinal, StepState state, Message? error, CancellationToken cancellationToken)
    {
        await using var connection = await master.OpenConnectionAsync(cancellationToken);
        await using var transaction = await BeginAsync(connection, cancellationToken);
        await using var step = new NpgsqlCommand(StepSql, connection, transaction);
        step.Parameters.Add(new() { Value = claim.Id });
        step.Parameters.Add(new() { Value = claim.Epoch });
        step.Parameters.Add(new() { Value = ordinal });
        step.Parameters.Add(new() { Value = new LowerCaseConverter<StepState>().ConvertToProvider(state) });
        step.Parameters.Add(Json(error));
        var cancelling = await step.ExecuteScalarAsync(cancellationToken) as bool?
            ?? throw new OperationLostException(claim.Id);

        if (state == StepState.Running)
        {
            // No further step is finished. A step that continues after a pause keeps the percentage that it reported.
            await transaction.CommitAsync(cancellationToken);
            return cancelling;
        }

        await using var progress = new NpgsqlCommand(ProgressSql, connection, transaction);
        progress.Parameters.Add(new() { Value = claim.Id });
        progress.Parameters.Add(new() { Value = claim.Epoch });
        progress.Parameters.Add(
            new() { Value = state is StepState.Done or StepState.Compensated or StepState.Stopped });
        await progress.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return cancelling;
    }

    /// <summary>Sets the description of the running step and, if given, the operation's percentage.</summary>
    public async Task SetDetailAsync(Claim claim, Message detail, int? percent, CancellationToken cancellationToken)
    {
        await using var connection = await master.OpenConnectionAsync(cancellationToken);
        await using var transaction = await BeginAsync(connection, cancellationToken);
        await using var command = new NpgsqlCommand(DetailSql, connection, transaction);
        command.Parameters.Add(new() { Value = claim.Id });
        command.Parameters.Add(new() { Value = claim.Epoch });
        command.Parameters.Add(Json(detail));
        command.Parameters.Add(
            new() { Value = percent is { } value ? value : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<NpgsqlTransaction> BeginAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SET LOCAL synchronous_commit = off", connection, transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return transaction;
    }

    private static NpgsqlParameter Json(Message? message) =>
        new()
        {
            Value = message is null ? DBNull.Value : MessageConverter.ToText(message),
            NpgsqlDbType = NpgsqlDbType.Text
        };
}
