using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>An operation on many tenants while it runs: cancelled, failing, overtaken, interrupted.</summary>
public sealed class BulkRunTests(PostgresServer server) : BulkTestBase(server)
{
    [Fact]
    public async Task Cancel_HalfDone_KeepsResultsAndSkipsTheRest()
    {
        var ids = await Host.AddActiveAsync(8);
        await using var held = await HoldAsync(ids[4]);
        var operation = await Bulk.StartAsync(Host.Admin, Suspend, ids, Cancellation);
        await IsAtAsync(operation, done: 4);

        await Operations.CancelAsync(Host.Admin, operation, Cancellation);
        await held.DisposeAsync();
        var ended = await Host.EndOfAsync(operation);

        Assert.Equal((OperationState.Cancelled, StepState.Stopped), (ended.State, ended.Steps.Single().State));
        var items = (await ItemsAsync(operation)).Items.ToDictionary(i => i.TenantId);
        Assert.All(ids[..4], id => Assert.Equal(OperationItemState.Done, items[id].State));
        Assert.Equal(OperationItemState.Skipped, items[ids[5]].State);
        foreach (var (id, item) in items)
        {
            Assert.Equal(item.State == OperationItemState.Done, !(await RowAsync(id)).IsActive);
            Assert.True(item is { State: OperationItemState.Done } or
            {
                State: OperationItemState.Skipped,
                Message.Code: "operation_cancelled"
            }, $"{item.State} {item.Message}");
        }
    }

    [Fact]
    public async Task Run_OneFails_OthersAreDoneAndRetryRepeatsOnlyIt()
    {
        var ids = await Host.AddActiveAsync(5);
        await ExecuteAsync(
            $"""
            CREATE FUNCTION public.test_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE EXCEPTION 'not this one' USING ERRCODE = 'check_violation';
            END $$;
            CREATE TRIGGER test_refuse BEFORE UPDATE ON clientes_saas FOR EACH ROW
                WHEN (OLD.id = {ids[1]}) EXECUTE FUNCTION public.test_refuse();
            """);

        var operation = await Bulk.StartAsync(Host.Admin, Suspend, ids, Cancellation);
        var failed = await Host.EndOfAsync(operation);

        Assert.Equal((OperationState.Failed, new Message("items_failed", "1", "5")), (failed.State, failed.Error));
        var worst = (await ItemsAsync(operation)).Items[0];
        Assert.Equal((ids[1], OperationItemState.Failed, new Message("server_error", "23514", "not this one")),
            (worst.TenantId, worst.State, worst.Message));
        await ExecuteAsync("DROP TRIGGER test_refuse ON clientes_saas");
        Assert.Equal((1, 0), await PlannedAsync(operation));
        await Operations.RetryAsync(Host.Admin, operation, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        foreach (var id in ids)
        {
            Assert.False((await RowAsync(id)).IsActive);
            Assert.Equal(1, await RecordsAsync(id, "tenant.suspended"));
        }
    }

    [Fact]
    public async Task Suspend_TenantChangedMeanwhile_IsSkippedWithoutASecondRecord()
    {
        var ids = await Host.AddActiveAsync(3);
        await using var held = await HoldAsync(ids[0]);
        var operation = await Bulk.StartAsync(Host.Admin, Suspend, ids, Cancellation);
        await Host.Get<TenantActivation>().SuspendAsync(Host.Support, ids[2], "falta_de_pago", null, Cancellation);
        await held.DisposeAsync();

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        Assert.Equal(new Message("already_inactive"), (await ItemsAsync(operation)).Items[0].Message);
        Assert.Equal("falta_de_pago", (await RowAsync(ids[2])).InactiveReasonCode);
        Assert.Equal(1, await RecordsAsync(ids[2], "tenant.suspended"));
    }

    [Fact]
    public async Task Suspend_TwoOperationsOnTheSameTenants_EachIsDoneOnce()
    {
        var ids = await Host.AddActiveAsync(40);

        var operations = await Task.WhenAll(
            Bulk.StartAsync(Host.Admin, Suspend, ids, Cancellation),
            Bulk.StartAsync(Host.Support, Suspend with { Reason = "lo mismo" }, ids.Reverse().ToArray(), Cancellation));

        foreach (var operation in operations)
        {
            Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        }

        Assert.Equal(40L, await CountAsync("operation_items WHERE state = 'done'"));
        Assert.Equal(40L, await CountAsync(
            "operation_items WHERE state = 'skipped' AND message ->> 'Code' = 'already_inactive'"));
        Assert.Equal(40L, await CountAsync("audit_events WHERE action = 'tenant.suspended'"));
    }

    [Fact]
    public async Task Suspend_AllSessionsBroken_ContinuesWhereItWas()
    {
        var ids = await Host.AddActiveAsync(8);
        await using var held = await HoldAsync(ids[4]);
        var operation = await Bulk.StartAsync(Host.Admin, Suspend, ids, Cancellation);
        await IsAtAsync(operation, done: 4);

        // A restart of the server ends all sessions of the portal in this way, including the idle ones in its pools.
        await ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            + "WHERE datname = current_database() AND usename <> current_user");
        await held.DisposeAsync();

        await Eventually.HoldsAsync(
            "it ends well", async () =>
            await CountAsync($"operations WHERE id = '{operation}' AND state = 'succeeded'") == 1, Cancellation);
        Assert.Equal(8L, await CountAsync($"operation_items WHERE operation_id = '{operation}' AND state = 'done'"));
        foreach (var id in ids)
        {
            Assert.Equal(1, await RecordsAsync(id, "tenant.suspended"));
        }
    }

    private Task IsAtAsync(Guid operation, int done) => Eventually.HoldsAsync(
        $"{done} are done", async () =>
            await CountAsync($"operation_items WHERE operation_id = '{operation}' AND state = 'done'") == done,
            Cancellation);
}
