using Npgsql;

namespace Vigia.Core.Isolation;

/// <summary>Tries the statements of the catalogue on one session of the tenant's role, each in a transaction that is rolled back whatever happens.</summary>
internal sealed class InsideAttempts(NpgsqlConnection session, string[] ours)
{
    /// <summary>The first error that was no refusal.</summary>
    public Exception? Trouble { get; private set; }

    /// <summary>Tries one; what looks for several things answers with each it found.</summary>
    public async Task<IReadOnlyList<IsolationAttempt>> TryAsync(Probe probe, CancellationToken cancellationToken)
    {
        try
        {
            if (session.State != System.Data.ConnectionState.Open)
            {
                // It was lost with the attempt before, whose fault that may have been: the others are tried all the same.
                await session.CloseAsync();
                await session.OpenAsync(cancellationToken);
            }

            if (probe.AppliesIf is { } condition && !await AppliesAsync(condition, cancellationToken))
            {
                return [new IsolationAttempt(probe.Code, probe.Target, AttemptOutcome.NotTried, null, IsolationAttempt.NotApplicable)];
            }

            return await RunAsync(probe, cancellationToken);
        }
        catch (PostgresException e) when (ProbeCatalogue.IsRefusal(e))
        {
            return [new IsolationAttempt(probe.Code, probe.Target, AttemptOutcome.Refused, e.SqlState)];
        }
        catch (PostgresException e) when (probe.MayVanish
            && e.SqlState is PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InvalidParameterValue)
        {
            // Dropped since it was listed; SET ROLE says 22023 of a role that is not there.
            return [new IsolationAttempt(probe.Code, probe.Target, AttemptOutcome.NotTried, e.SqlState, IsolationAttempt.NotApplicable)];
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or InvalidOperationException)
        {
            Trouble ??= e;
            return [Undecided(probe.Code, probe.Target, e)];
        }
    }

    internal static IsolationAttempt Undecided(string code, string? target, Exception e) =>
        new(code, target, AttemptOutcome.NotTried, (e as PostgresException)?.SqlState, (e as PostgresException)?.MessageText ?? e.Message);

    private async Task<IReadOnlyList<IsolationAttempt>> RunAsync(Probe probe, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(probe.Sql, session, transaction);
        if (probe.Sql.Contains("$1", StringComparison.Ordinal))
        {
            command.Parameters.Add(new() { Value = ours });
        }

        if (!probe.Looks)
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
            return [new IsolationAttempt(probe.Code, probe.Target, AttemptOutcome.GotThrough)];
        }

        var found = new List<IsolationAttempt>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new IsolationAttempt(probe.Code, await TextAsync(reader, 0, cancellationToken), AttemptOutcome.GotThrough, null, await TextAsync(reader, 1, cancellationToken)));
        }

        return found.Count > 0 ? found : [new IsolationAttempt(probe.Code, null, AttemptOutcome.Refused)];
    }

    private async Task<bool> AppliesAsync(string condition, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(condition, session);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task<string?> TextAsync(NpgsqlDataReader reader, int column, CancellationToken cancellationToken) =>
        await reader.IsDBNullAsync(column, cancellationToken) ? null : reader.GetString(column);
}
