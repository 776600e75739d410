using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>A recurring job has at most one unfinished run, however long that run takes.</summary>
public sealed class OneRunTests(PostgresServer server) : CoreTestBase(server)
{
    [Fact]
    public async Task EnqueueDue_LastRunHasNotEnded_IsSkipped()
    {
        await Host.PauseWorkersAsync(true);
        string[] jobs = [.. Host.Services.GetServices<RecurringJob>().Select(j => j.Name)];
        for (var tick = 0; tick < 3; tick++)
        {
            await TickAsync();
        }

        Assert.Equal(jobs.Order(StringComparer.Ordinal).Select(job => $"{job} 1"), await RunsAsync());
        await EndAsync("state = 'succeeded', finished_at = now()", "job = 'prove_isolation'");
        await EndAsync("state = 'waiting'", "job = 'verify_audit'");
        await TickAsync();

        Assert.Equal(
            jobs.Order(StringComparer.Ordinal).Select(job => job == "prove_isolation" ? $"{job} 2" : $"{job} 1"),
            await RunsAsync());
    }

    [Fact]
    public async Task ProveAll_LastRunHasNotEnded_IsRefusedAndTheNightSkipped()
    {
        await Host.PauseWorkersAsync(true);
        await Host.Get<IsolationService>().ProveAllAsync(Host.Admin, Cancellation);

        var again = await Assert.ThrowsAsync<RuleException>(
            () => Host.Get<IsolationService>().ProveAllAsync(Host.Admin, Cancellation));
        await TickAsync();

        Assert.Equal("operation_running", again.Reason.Code);
        Assert.DoesNotContain(await RunsAsync(), run => run.StartsWith("prove_isolation", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Retry_OfAProofWhileAnotherIsUnfinished_IsRefused()
    {
        await Host.PauseWorkersAsync(true);
        var first = await Host.Get<IsolationService>().ProveAllAsync(Host.Admin, Cancellation);
        await EndAsync("state = 'failed', finished_at = now()", $"id = '{first}'");
        await Host.Get<IsolationService>().ProveAllAsync(Host.Admin, Cancellation);

        var refused = await Assert.ThrowsAsync<RuleException>(
            () => Host.Get<OperationService>().RetryAsync(Host.Admin, first, Cancellation));

        Assert.Equal("operation_running", refused.Reason.Code);
    }

    [Fact]
    public async Task EnqueueRun_TwiceAtOnce_IndexRefusesOne()
    {
        await Host.PauseWorkersAsync(true);
        await using var db = await Host.OpenMasterAsync();
        Host.Get<OperationQueue>().EnqueueRun(db, new OperationKind("prune_history"), "prune_history");
        await db.SaveChangesAsync(Cancellation);
        Host.Get<OperationQueue>().EnqueueRun(db, new OperationKind("prune_history"), "prune_history");

        var refused = await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync(Cancellation));

        Assert.Equal(
            "ix_operations_one_per_job", Assert.IsType<PostgresException>(refused.InnerException).ConstraintName);
    }

    // The time of every job has come once more.
    private async Task TickAsync()
    {
        await Host.Get<RecurringJobs>().EnqueueDueAsync(Cancellation);
        await EndAsync("last_tick = now() - interval '2 days'", "true", "recurring_ticks");
        await Host.Get<RecurringJobs>().EnqueueDueAsync(Cancellation);
    }

    // How many runs each job has: "name count".
    private async Task<string[]> RunsAsync() => (await Host.ScalarAsync<string>(
        Host.Master.Database,
        """
        SELECT string_agg(job || ' ' || runs, ',' ORDER BY job COLLATE "C")
        FROM (SELECT job, count(*) AS runs FROM portal.operations WHERE job IS NOT NULL GROUP BY job) AS r
        """))!
        .Split(',');

    private Task EndAsync(string change, string which, string table = "operations") => PostgresServer.ExecuteAsync(
        Host.Master, $"UPDATE portal.{table} SET {change} WHERE {which}", Cancellation);
}
