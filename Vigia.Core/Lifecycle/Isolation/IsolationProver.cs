using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>The result of a proof, before it is stored.</summary>
/// <param name="Credential">The credential whose role was used.</param>
/// <param name="Attempts">The attempts with their results.</param>
/// <param name="FirstError">The first error that was not a refusal; null when there was none.</param>
internal sealed record ProofResult(
    TenantCredential Credential, DateTimeOffset StartedAt, IReadOnlyList<IsolationAttempt> Attempts,
    Exception? FirstError)
{
    public IsolationVerdict Verdict { get; } = IsolationVerdicts.Of(Attempts);
}

/// <summary>
/// Logs in with a tenant's own role and tries to leave its database: to other databases, to files and programs, to
/// rights that it must not have (docs/rules.md#one-tenant-one-database).
/// </summary>
// More than five dependencies: a proof needs the credential, the database, the server, and what is odd on it.
internal sealed class IsolationProver(
    TenantConnections connections, TenantDatabases databases, ServerConnections servers, ServerInspection look,
    IOptions<IsolationOptions> options, TimeProvider time)
{
    private const int TimeoutSeconds = 5;
    private const int ConnectionsAtOnce = 3;

    /// <summary>Makes all attempts once.</summary>
    /// <param name="tenantId">The tenant; it must have a credential.</param>
    /// <param name="sample">How many databases of each kind; null for the setting.</param>
    /// <param name="report">Called with the number of finished attempts and the total.</param>
    /// <exception cref="DatabaseConflictException">
    /// <c>database_not_ours</c>: the tenant is unmanaged now, and there is no database of ours to prove.
    /// </exception>
    /// <returns>The result. If the role can't log in to its own database, it contains an undecided attempt.</returns>
    public async Task<ProofResult> TryAsync(
        int tenantId, string database, int? sample, Func<int, int, Task>? report, CancellationToken cancellationToken)
    {
        var started = time.GetUtcNow();
        var credential = await connections.CurrentAsync(tenantId, cancellationToken);
        var serverId = (await databases.GetAsync(tenantId, cancellationToken)).ServerId;
        await using var victim = await servers.OpenCatalogueAsync(serverId, cancellationToken);
        var scope = await ProofScope.ReadAsync(
            victim, serverId, database, credential, sample ?? options.Value.Sample,
            await look.ReadAsync(victim, serverId, cancellationToken), cancellationToken);
        var attempts = new List<IsolationAttempt>();
        Exception? firstError = null;
        try
        {
            await using var inside = await InsideAttempts.OpenAsync(
                Builder(credential, database), session => databases.DemandInsideAsync(
                    session, tenantId, null, cancellationToken), scope, cancellationToken);
            var probes = ProbeCatalogue.For(scope, victim.ProcessID).ToList();
            var total = probes.Count + scope.Databases.Count + 3;
            foreach (var probe in probes)
            {
                attempts.AddRange(await inside.TryAsync(probe, cancellationToken));
                if (report is not null && attempts.Count % 20 == 0)
                {
                    await report(Math.Min(attempts.Count, total), total);
                }
            }

            firstError = inside.FirstError;
            attempts.AddRange(await ConnectAsync(credential, scope, cancellationToken));
            await (report?.Invoke(attempts.Count, attempts.Count) ?? Task.CompletedTask);
            await DetectEndedSessionAsync(victim, attempts, cancellationToken);
            await LogInByOtherRouteAsync(credential, database, attempts, cancellationToken);
            firstError ??= attempts.Find(a => a.IsUndecided) is { } undecided ? new TimeoutException(undecided.Detail)
                : null;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            if (await databases.RecordLossAsync(tenantId, null, null, cancellationToken))
            {
                // The role can't log in because the database that it may connect to is gone, and another one has its
                // name.
                throw new DatabaseConflictException("database_not_ours", database, "-");
            }

            attempts.Add(InsideAttempts.Undecided("own_login", database, e));
            firstError = e;
        }

        return new ProofResult(credential, started, attempts, firstError);
    }

    // If the attempt really ended the session made for it, the pool must not reuse that session.
    private static async Task DetectEndedSessionAsync(
        NpgsqlConnection victim, List<IsolationAttempt> attempts, CancellationToken cancellationToken)
    {
        if (attempts.Exists(a => a is { Code: "terminate_session", Outcome: AttemptOutcome.GotThrough }))
        {
            try
            {
                await using var command = new NpgsqlCommand("SELECT 1", victim);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (NpgsqlException)
            {
                // Npgsql now knows that the connection is broken.
            }
        }
    }

    // The proof connects to the server directly: a pooler answers a refused password with its own error (PgBouncer:
    // 08P01), which proves nothing. Through the pooler only one thing is tried: that the tenant's users can log in.
    private async Task LogInByOtherRouteAsync(
        TenantCredential credential, string database, List<IsolationAttempt> attempts,
        CancellationToken cancellationToken)
    {
        if (!connections.HasOtherRoute)
        {
            return;
        }

        try
        {
            await using var session = await connections.OpenAsync(credential, database, cancellationToken);
            await using var command = new NpgsqlCommand("SELECT 1", session);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            attempts.Add(InsideAttempts.Undecided("own_login", database, e));
        }
    }

    private NpgsqlConnectionStringBuilder Builder(TenantCredential credential, string database)
    {
        var builder = connections.DirectBuilder(credential, database);
        (builder.Timeout, builder.CommandTimeout, builder.ApplicationName) =
            (TimeoutSeconds, TimeoutSeconds, "Vigia isolation proof");
        return builder;
    }

    private async Task<IsolationAttempt[]> ConnectAsync(
        TenantCredential credential, ProofScope scope, CancellationToken cancellationToken)
    {
        var tries = new List<Func<CancellationToken, Task<IsolationAttempt>>>();
        foreach (var target in scope.Databases)
        {
            tries.Add(cancel => TryConnectAsync(target.Code, target.Name, Builder(credential, target.Name), cancel));
        }

        // Detects a server that accepts any password for the role (trust). No other attempt detects it.
        var wrong = Builder(credential, scope.Database);
        wrong.Password = PasswordGenerator.Create();
        tries.Add(cancel => TryConnectAsync("wrong_password", null, wrong, cancel));
        var empty = Builder(credential, scope.Database);
        empty.Password = "";
        tries.Add(cancel => TryConnectAsync("empty_password", null, empty, cancel));
        tries.Add(cancel => scope.AllowsReplication
            ? TryReplicationAsync(Builder(credential, scope.Database), cancel)
            : Task.FromResult(new IsolationAttempt(
                "replication_connection", null, AttemptOutcome.NotTried, null, IsolationAttempt.NotApplicable)));

        var outcomes = new IsolationAttempt[tries.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, tries.Count),
            new ParallelOptions { MaxDegreeOfParallelism = ConnectionsAtOnce, CancellationToken = cancellationToken },
            async (i, cancel) => outcomes[i] = await tries[i](cancel));
        return outcomes;
    }

    private static Task<IsolationAttempt> TryConnectAsync(
        string code, string? target, NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken) =>
        EvaluateAsync(code, target, async () =>
        {
            await using var connection = await PostgresSessions.OpenAsync(settings, cancellationToken);
        });

    private static async Task<IsolationAttempt> TryReplicationAsync(
        NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        var attempt = await EvaluateAsync(
            "replication_connection", null, () => PostgresSessions.TryReplicationAsync(settings, cancellationToken));

        // All connection slots for replication are in use. The role's replication right is checked separately.
        return attempt is { SqlState: PostgresErrorCodes.TooManyConnections }
            ? attempt with { Detail = IsolationAttempt.NotApplicable } : attempt;
    }

    private static async Task<IsolationAttempt> EvaluateAsync(string code, string? target, Func<Task> tryAsync)
    {
        try
        {
            await tryAsync();
            return new IsolationAttempt(code, target, AttemptOutcome.GotThrough);
        }
        catch (PostgresException e) when (
            ProbeCatalogue.IsRefusal(e) || e.SqlState == PostgresErrorCodes.ObjectNotInPrerequisiteState)
        {
            // 55000: the database accepts no connections at all, not even from a superuser.
            return new IsolationAttempt(code, target, AttemptOutcome.Refused, e.SqlState);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            // Dropped or renamed since it was listed.
            return new IsolationAttempt(
                code, target, AttemptOutcome.NotTried, e.SqlState, IsolationAttempt.NotApplicable);
        }
        catch (NpgsqlException e) when (
            e is not PostgresException && e.InnerException is null && code == "empty_password")
        {
            // The server asked for a password, and Npgsql refuses to send an empty one.
            return new IsolationAttempt(code, target, AttemptOutcome.Refused);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            return InsideAttempts.Undecided(code, target, e);
        }
    }
}
