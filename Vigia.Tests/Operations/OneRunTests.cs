using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>A recurring job has at most one unfinished run, however long that run takes.</summary>
public sealed class OneRunTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    [Fact]
    public async Task EnqueueDue_TheLastRunHasNotEnded_ThisOneIsLeftOut()
    {
        string[] jobs = [.. Host.Services.GetServices<RecurringJob>().Select(j => j.Name).Order()];
        await TickAsync();
        Assert.Equal(jobs, (await TickAsync()).Order());

        Assert.Empty(await TickAsync());
        await EndAsync("state = 'succeeded', finished_at = now()", "job = 'prove_isolation'");
        await EndAsync("state = 'waiting'", "job = 'verify_audit'");

        Assert.Equal(["prove_isolation"], await TickAsync());
        Assert.Equal((long)jobs.Length + 1, await Host.ScalarAsync<long>(
            Host.Master.Database, "SELECT count(*) FROM portal.operations WHERE job IS NOT NULL"));
    }

    [Fact]
    public async Task EnqueueRun_TwiceAtOnce_TheIndexRefusesOne()
    {
        await using var db = await Host.OpenMasterAsync();
        Host.Get<OperationQueue>().EnqueueRun(db, new OperationKind("prune_history"), "prune_history");
        await db.SaveChangesAsync(Cancellation);
        Host.Get<OperationQueue>().EnqueueRun(db, new OperationKind("prune_history"), "prune_history");

        var refused = await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync(Cancellation));

        Assert.Equal("ix_operations_one_per_job", Assert.IsType<PostgresException>(refused.InnerException).ConstraintName);
    }

    // The time of every job has come once more.
    private async Task<IReadOnlyList<string>> TickAsync()
    {
        await EndAsync("last_tick = now() - interval '2 days'", "true", "recurring_ticks");
        return await Host.Get<RecurringJobs>().EnqueueDueAsync(Cancellation);
    }

    private Task EndAsync(string change, string which, string table = "operations") => PostgresServer.ExecuteAsync(
        Host.Master, $"UPDATE portal.{table} SET {change} WHERE {which}", Cancellation);
}
