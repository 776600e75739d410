using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>Some recurring jobs can't be queued. They must delay no other job and must not stop the portal.</summary>
public sealed class RecurringJobsTests(PostgresServer server) : CoreTestBase(server)
{
    private static readonly string[] Broken = ["test_no_such_kind", "test_refused_by_the_database", "test_no_cron"];

    // These jobs come before all others. If one of them throws, it must not hold up the others.
    protected override void Configure(IServiceCollection services)
    {
        services.AddSingleton<OperationDefinition>(new TooLong());
        services.Insert(0, ServiceDescriptor.Singleton(new RecurringJob(Broken[0], "0 * * * *", new("of_tomorrow"))));
        services.Insert(1, ServiceDescriptor.Singleton(new RecurringJob(Broken[1], "0 * * * *", TooLong.KindName)));
        services.Insert(
            2, ServiceDescriptor.Singleton(new RecurringJob(Broken[2], "every hour", new("prune_history"))));
    }

    [Fact]
    public async Task EnqueueDue_JobThatThrows_OthersAreQueued()
    {
        var jobs = Host.Get<RecurringJobs>();
        await jobs.EnqueueDueAsync(Cancellation);
        await PostgresServer.ExecuteAsync(
            Host.Master, "UPDATE portal.recurring_ticks SET last_tick = now() - interval '2 days'", Cancellation);

        await jobs.EnqueueDueAsync(Cancellation);

        // Either this call or the host's own loop queued them.
        foreach (var kind in Host.Services.GetServices<RecurringJob>().Where(j => !Broken.Contains(j.Name))
            .Select(j => j.Kind).Distinct())
        {
            Assert.True(await Host.ScalarAsync<long>(
                Host.Master.Database, $"SELECT count(*) FROM portal.operations WHERE kind = '{kind}'") > 0, kind.Code);
        }

        Assert.Equal((long)Broken.Length, await Host.ScalarAsync<long>(
            Host.Master.Database,
            "SELECT count(*) FROM portal.recurring_ticks "
            + "WHERE job LIKE 'test%' AND last_tick < now() - interval '1 day'"));
        Assert.False(Host.Get<Microsoft.Extensions.Hosting.IHostApplicationLifetime>()
            .ApplicationStopping.IsCancellationRequested);
    }

    private sealed class TooLong : OperationDefinition
    {
        public static readonly OperationKind KindName = new("test_too_long");

        public override OperationKind Kind => KindName;

        public override string Right => Rights.OperationsControl;

        public override IReadOnlyList<Step> StepsFor(Operation operation) =>
            [new(new string('x', 80), (_, _) => Task.CompletedTask)];
    }
}
