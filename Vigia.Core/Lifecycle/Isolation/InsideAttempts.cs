using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Postgres;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>
/// Tries the statements of the catalogue in one session of the tenant's role. Each runs in a transaction that is always
/// rolled back.
/// </summary>
internal sealed class InsideAttempts : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly Func<NpgsqlConnection, Task> _demandAsync;
    private readonly ProofScope _scope;
    private NpgsqlConnection _session;

    private InsideAttempts(NpgsqlConnectionStringBuilder settings, Func<NpgsqlConnection, Task> demandAsync,
        ProofScope scope, NpgsqlConnection session) =>
        (_settings, _demandAsync, _scope, _session) = (settings, demandAsync, scope, session);

    /// <summary>
    /// Opens a session of the tenant's role in its own database. <paramref name="demandAsync"/> refuses a session in
    /// any other database. <paramref name="scope"/> has the names that probes ask for.
    /// </summary>
    public static async Task<InsideAttempts> OpenAsync(
        NpgsqlConnectionStringBuilder settings, Func<NpgsqlConnection, Task> demandAsync, ProofScope scope,
            CancellationToken cancellationToken) =>
        new(settings, demandAsync, scope, await OpenAsync(settings, demandAsync, cancellationToken));

    /// <summary>The first error that was not a refusal.</summary>
    public Exception? FirstError { get; private set; }

    /// <summary>Tries one probe. A probe that queries for several things returns one attempt for each row
    /// found.</summary>
    public async Task<IReadOnlyList<IsolationAttempt>> TryAsync(Probe probe, CancellationToken cancellationToken)
    {
        try
        {
            if (_session.State != System.Data.ConnectionState.Open)
            {
                // The previous attempt ended the session, perhaps on purpose. The remaining probes still have to be
                // tried.
                await _session.DisposeAsync();
                _session = await OpenAsync(_settings, _demandAsync, cancellationToken);
            }

            if (probe.AppliesIf is { } condition && !await AppliesAsync(condition, cancellationToken))
            {
                return [new IsolationAttempt(
                    probe.Code, probe.Target, AttemptOutcome.NotTried, null, IsolationAttempt.NotApplicable)];
            }

            return await RunAsync(probe, cancellationToken);
        }
        catch (PostgresException e) when (ProbeCatalogue.IsRefusal(e))
        {
            return [new IsolationAttempt(probe.Code, probe.Target, AttemptOutcome.Refused, e.SqlState)];
        }
        catch (PostgresException e) when (probe.MayVanish
            && e.SqlState is PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.InvalidCatalogName
                or PostgresErrorCodes.InvalidParameterValue)
        {
            // Dropped since it was listed. SET ROLE reports 22023 for a role that does not exist.
            return [new IsolationAttempt(
                probe.Code, probe.Target, AttemptOutcome.NotTried, e.SqlState, IsolationAttempt.NotApplicable)];
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or InvalidOperationException)
        {
            FirstError ??= e;
            return [Undecided(probe.Code, probe.Target, e)];
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private static async Task<NpgsqlConnection> OpenAsync(
        NpgsqlConnectionStringBuilder settings, Func<NpgsqlConnection, Task> demandAsync,
        CancellationToken cancellationToken)
    {
        var session = await PostgresSessions.OpenAsync(settings, cancellationToken);
        try
        {
            await SessionSettings.ApplyNewerAsync(session, cancellationToken);
            await demandAsync(session);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    internal static IsolationAttempt Undecided(string code, string? target, Exception e) =>
        new(code, target, AttemptOutcome.NotTried, (e as PostgresException)?.SqlState,
            SafeText.Cut((e as PostgresException)?.MessageText ?? e.Message, Message.LongestArgument));

    private async Task<IReadOnlyList<IsolationAttempt>> RunAsync(Probe probe, CancellationToken cancellationToken)
    {
        await using var transaction = await _session.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(probe.Sql, _session, transaction);
        if (probe.Sql.Contains("$1", StringComparison.Ordinal))
        {
            command.Parameters.Add(new()
            {
                Value = probe.AsksForPortalRole ? _scope.PortalRole
                    : probe.AsksForOwnRoles ? _scope.OwnRoles : _scope.Suspects,
            });
        }

        if (!probe.Looks)
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
            return [new IsolationAttempt(probe.Code, probe.Target, AttemptOutcome.GotThrough)];
        }

        var outcome = probe.Cleans ? AttemptOutcome.ToClean
            : probe.Wants ? AttemptOutcome.Wanted : AttemptOutcome.GotThrough;
        var found = new List<IsolationAttempt>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new IsolationAttempt(
                probe.Code, await TextAsync(reader, 0, cancellationToken), outcome, null,
                await TextAsync(reader, 1, cancellationToken)));
        }

        return found.Count > 0 ? found
            : [new IsolationAttempt(probe.Code, null, AttemptOutcome.Refused, null, IsolationAttempt.NothingFound)];
    }

    private async Task<bool> AppliesAsync(string condition, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(condition, _session);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task<string?> TextAsync(
        NpgsqlDataReader reader, int column, CancellationToken cancellationToken) =>
        await reader.IsDBNullAsync(column, cancellationToken) ? null : reader.GetString(column);
}
