using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Isolation;

/// <summary>
/// A night that is too short for all tenants says which ones it did not reach, and the next begins there.
/// </summary>
public sealed class NightBudgetTests(PostgresServer server) : IsolationTestBase(server)
{
    private readonly ShiftedTime _time = new();

    protected override void Configure(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(_time);
        services.Configure<IsolationOptions>(o => o.AtOnce = 1);
    }

    [Fact]
    public async Task Night_BudgetExceeded_NextOneBeginsWhereItEnded()
    {
        var ids = new List<int>();
        foreach (var name in new[] { "a", "b", "c" })
        {
            ids.Add((await ReadyAsync(NewName(name))).Id);
        }

        await Host.Get<RecurringJobs>().EnqueueDueAsync(Cancellation);
        await using var gate = await StepGate.CloseBeforeInsertAsync(Host, "portal.isolation_proofs");
        var first = await NightAsync();
        await gate.ReachedAsync();
        _time.Pass(Host.Get<IOptions<IsolationOptions>>().Value.NightlyBudget);
        await gate.OpenAsync();

        var ended = await Host.EndOfAsync(first);

        Assert.Equal(OperationState.Succeeded, ended.State);
        Assert.Equal(("proof_not_reached", "2", "3"), (ended.Steps.Last().Detail!.Code,
            ended.Steps.Last().Detail!.Args[0], ended.Steps.Last().Detail!.Args[1]));
        Assert.Equal(
            [(ids[0], OperationItemState.Done, null), (ids[1], OperationItemState.Skipped, "not_reached"),
                (ids[2], OperationItemState.Skipped, "not_reached")], await ItemsAsync(first));

        await RetryWithOneFailedAsync(first, ids[0]);
        Assert.Equal(ids[1] - 1, await ReachedAsync());

        var second = await Host.EndOfAsync(await NightAsync());

        Assert.All(await ItemsAsync(second.Id), item => Assert.Equal(OperationItemState.Done, item.State));
        Assert.Equal([ids[1], ids[2], ids[0]], await OrderAsync(second.Id));
        Assert.Null(await ReachedAsync());
    }

    // As if the proof of this tenant had failed, and a person pressed Reintentar.
    private async Task RetryWithOneFailedAsync(Guid night, int tenantId)
    {
        var sql = $"""
        UPDATE portal.operation_items SET state = 'failed' WHERE operation_id = '{night}' AND tenant_id = {tenantId};
        UPDATE portal.operation_steps SET state = 'failed'
        WHERE operation_id = '{night}' AND ordinal = (
            SELECT max(ordinal) FROM portal.operation_steps WHERE operation_id = '{night}');
        UPDATE portal.operations SET state = 'failed' WHERE id = '{night}'
        """;
        await PostgresServer.ExecuteAsync(Host.Master, sql, Cancellation);
        await Host.Get<OperationService>().RetryAsync(Host.Admin, night, Cancellation);
        var ended = await Host.EndOfAsync(night);
        Assert.Equal(OperationState.Succeeded, ended.State);
    }

    private Task<int?> ReachedAsync() => Host.ScalarAsync<int?>(
        Host.Master.Database, "SELECT reached_tenant FROM portal.recurring_ticks WHERE job = 'prove_isolation'");

    private async Task<Guid> NightAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        var run = Host.Get<OperationQueue>().EnqueueRun(db, ProveMany.KindName, "prove_isolation");
        await db.SaveChangesAsync(Cancellation);
        return run.Id;
    }

    private async Task<List<(int Id, OperationItemState State, string? Code)>> ItemsAsync(Guid operation) =>
        [.. (await Host.Get<OperationResults>().ListAsync(Host.Admin, operation, null, 1, 50, Cancellation)).Items
            .OrderBy(i => i.TenantId).Select(i => (i.TenantId, i.State, i.Message?.Code))];

    private async Task<List<int>> OrderAsync(Guid operation)
    {
        await using var db = await Host.OpenMasterAsync();
        return [.. db.Set<IsolationProof>().Where(p => p.OperationId == operation).OrderBy(p => p.FinishedAt)
            .Select(p => p.TenantId!.Value)];
    }
}
