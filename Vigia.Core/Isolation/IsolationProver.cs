using Microsoft.Extensions.Options;
using Npgsql;
using Npgsql.Replication;
using Vigia.Core.Postgres;
using Vigia.Core.Provisioning;
using Vigia.Core.Tenancy;

namespace Vigia.Core.Isolation;

/// <summary>What trying came to, before it is kept.</summary>
/// <param name="RoleName">The role that tried.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Attempts">What was tried and what happened.</param>
/// <param name="Trouble">The first thing that went wrong otherwise than by a refusal; null when nothing did.</param>
internal sealed record ProofResult(string RoleName, DateTimeOffset StartedAt, IReadOnlyList<IsolationAttempt> Attempts, Exception? Trouble)
{
    public IsolationVerdict Verdict { get; } = IsolationVerdicts.Of(Attempts);
}

/// <summary>Logs in as a tenant's own role and tries to get out: to other databases, to files and programs, to rights it must not have (invariant 4).</summary>
internal sealed class IsolationProver(TenantConnections connections, NpgsqlDataSource master, IOptions<IsolationOptions> options, TimeProvider time)
{
    private const int Patience = 5;
    private const int ConnectionsAtOnce = 3;

    /// <summary>Tries everything once.</summary>
    /// <param name="tenantId">The client; must have a credential.</param>
    /// <param name="database">Its database.</param>
    /// <param name="sample">How many databases of each kind; null for as many as the settings say.</param>
    /// <param name="report">Told how many attempts are over, of how many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What happened; a role that can't even log in to its own database is in it as undecided.</returns>
    public async Task<ProofResult> TryAsync(int tenantId, string database, int? sample, Func<int, int, Task>? report, CancellationToken cancellationToken)
    {
        var started = time.GetUtcNow();
        var credential = await connections.CurrentAsync(tenantId, cancellationToken);
        await using var victim = await master.OpenConnectionAsync(cancellationToken);
        var scope = await ProofScope.ReadAsync(victim, tenantId, database, credential.RoleName, sample ?? options.Value.Sample, cancellationToken);
        var attempts = new List<IsolationAttempt>();
        Exception? trouble = null;
        try
        {
            await using var session = await OpenAsync(Builder(credential, database), cancellationToken);
            var inside = new InsideAttempts(session, scope.Ours);
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

            trouble = inside.Trouble;
            attempts.AddRange(await ConnectAsync(credential, scope, cancellationToken));
            await (report?.Invoke(attempts.Count, attempts.Count) ?? Task.CompletedTask);
            await ForgetIfEndedAsync(victim, attempts, cancellationToken);
            trouble ??= attempts.Find(a => a.IsUndecided) is { } undecided ? new TimeoutException(undecided.Detail) : null;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            attempts.Add(InsideAttempts.Undecided("own_login", database, e));
            trouble = e;
        }

        return new ProofResult(credential.RoleName, started, attempts, trouble);
    }

    // Where the session made for it was really ended, the pool must not hand it to the next.
    private static async Task ForgetIfEndedAsync(NpgsqlConnection victim, List<IsolationAttempt> attempts, CancellationToken cancellationToken)
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
                // Npgsql knows now that it is broken.
            }
        }
    }

    private NpgsqlConnectionStringBuilder Builder(TenantCredential credential, string database)
    {
        var builder = connections.Builder(credential, database);
        (builder.Timeout, builder.CommandTimeout, builder.ApplicationName) = (Patience, Patience, "Vigia isolation proof");
        return builder;
    }

    private async Task<IsolationAttempt[]> ConnectAsync(TenantCredential credential, ProofScope scope, CancellationToken cancellationToken)
    {
        var tries = new List<Func<CancellationToken, Task<IsolationAttempt>>>();
        foreach (var target in scope.Databases)
        {
            tries.Add(cancel => TryConnectAsync(target.Code, target.Name, Builder(credential, target.Name), cancel));
        }

        // A server that lets in whoever names the role (trust) shows here and nowhere else.
        var wrong = Builder(credential, scope.Database);
        wrong.Password = PasswordGenerator.Create();
        tries.Add(cancel => TryConnectAsync("wrong_password", null, wrong, cancel));
        var empty = Builder(credential, scope.Database);
        empty.Password = "";
        tries.Add(cancel => TryConnectAsync("empty_password", null, empty, cancel));
        tries.Add(cancel => scope.AllowsReplication
            ? TryReplicationAsync(Builder(credential, scope.Database), cancel)
            : Task.FromResult(new IsolationAttempt("replication_connection", null, AttemptOutcome.NotTried, null, IsolationAttempt.NotApplicable)));

        var outcomes = new IsolationAttempt[tries.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, tries.Count),
            new ParallelOptions { MaxDegreeOfParallelism = ConnectionsAtOnce, CancellationToken = cancellationToken },
            async (i, cancel) => outcomes[i] = await tries[i](cancel));
        return outcomes;
    }

    private static Task<IsolationAttempt> TryConnectAsync(string code, string? target, NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken) =>
        JudgeAsync(code, target, async () =>
        {
            await using var connection = await OpenAsync(settings, cancellationToken);
        });

    private static async Task<IsolationAttempt> TryReplicationAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        // Replication connections are never pooled, and refuse to be told so.
        settings.Remove("Pooling");
        var attempt = await JudgeAsync("replication_connection", null, async () =>
        {
            await using var connection = new PhysicalReplicationConnection(settings.ConnectionString);
            await connection.Open(cancellationToken);
        });

        // No place is free for anybody's; what the role may is looked at besides.
        return attempt is { SqlState: PostgresErrorCodes.TooManyConnections } ? attempt with { Detail = IsolationAttempt.NotApplicable } : attempt;
    }

    private static async Task<IsolationAttempt> JudgeAsync(string code, string? target, Func<Task> tryAsync)
    {
        try
        {
            await tryAsync();
            return new IsolationAttempt(code, target, AttemptOutcome.GotThrough);
        }
        catch (PostgresException e) when (ProbeCatalogue.IsRefusal(e) || e.SqlState == PostgresErrorCodes.ObjectNotInPrerequisiteState)
        {
            // 55000: the database takes no connections at all, a superuser's neither.
            return new IsolationAttempt(code, target, AttemptOutcome.Refused, e.SqlState);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            // Dropped or renamed since it was listed.
            return new IsolationAttempt(code, target, AttemptOutcome.NotTried, e.SqlState, IsolationAttempt.NotApplicable);
        }
        catch (NpgsqlException e) when (e is not PostgresException && e.InnerException is null && code == "empty_password")
        {
            // The server asked for a password, and Npgsql does not answer with none.
            return new IsolationAttempt(code, target, AttemptOutcome.Refused);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            return InsideAttempts.Undecided(code, target, e);
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
