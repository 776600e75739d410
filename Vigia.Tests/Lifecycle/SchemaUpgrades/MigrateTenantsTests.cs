using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.SchemaUpgrades;

/// <summary>
/// Migrates the databases of many tenants: several at a time, each with its own result, none delayed by another.
/// </summary>
public sealed class MigrateTenantsTests(PostgresServer server) : SchemaUpgradeTestBase(server)
{
    protected override void Configure(IServiceCollection services)
    {
        base.Configure(services);
        services.Configure<SchemaOptions>(o => (o.LockTimeout, o.AtOnce) = (TimeSpan.FromMilliseconds(400), 2));
        services.Configure<OperationOptions>(o => o.Workers = 3);
    }

    [Fact]
    public async Task UpgradeAll_TwoAtATimeAndBusyOnesLater_EachHasItsResult()
    {
        var tenants = await BehindAsync(5);
        await RegisterAsync(NewName("solo"));
        await ReadyAsync(NewName("aldia"));
        await using var first = await HoldAsync(tenants[0]);
        await using var second = await HoldAsync(tenants[1]);

        var plan = await Upgrade.PlanAsync(Host.Admin, null, Cancellation);
        var operation = await Upgrade.StartAsync(Host.Admin, null, Cancellation);
        Assert.Equal((5, 0, 2), (plan.Run, plan.Busy, plan.AtOnce));
        Assert.Empty(plan.Skipped);
        await AssertRefusedAsync("upgrade_running", () => Upgrade.StartAsync(Host.Admin, null, Cancellation));

        // Two migrations wait for locks at once. The others do not wait behind them.
        await Eventually.HoldsAsync(
            "two at once are at work", async () => await WaitingInTenantsAsync(operation) == 2, Cancellation);
        foreach (var tenant in tenants[2..])
        {
            Assert.Equal(OperationItemState.Done, (await ResultAsync(operation, tenant)).State);
        }

        await Eventually.HoldsAsync("it says so", async () =>
        {
            var between = await Operations.GetAsync(Host.Admin, operation, Cancellation);
            Assert.Equal(OperationState.Running, between.ShownState);
            return between.Progress == 60;
        }, Cancellation);
        Assert.Equal(operation, (await Host.Get<SchemaOverview>().CountAsync(Host.Support, Cancellation)).Upgrade);
        Assert.Equal(1, (await Operations.ListAsync(
            Host.Support, new OperationQuery
            {
                HideRoutine = true, Kind = new("migrate_tenants"),
                States = [OperationState.Running]
            }, Cancellation)).Total);
        await first.DisposeAsync();
        await second.DisposeAsync();
        var ended = await Host.EndOfAsync(operation);

        Assert.True(ended.State == OperationState.Succeeded, $"{ended.Error}");
        Assert.Equal((100, 5, 1), (ended.Progress, ended.ItemCount, ended.Steps.Single().Attempt));
        Assert.All((await ItemsAsync(operation)).Values, i => Assert.Equal(OperationItemState.Done, i.State));
        await AssertAtAsync(Head, tenants);
        Assert.Equal(5, await CountAsync($"operations WHERE parent_id = '{operation}' AND state = 'succeeded'"));

        // The list of ended operations shows only the parent of the operations that it began.
        Assert.Equal([operation],
            (await Operations.ListEndedAsync(Host.Admin, ended.CreatedAt, 100, Cancellation))
            .Where(o => o.Kind.Code.StartsWith("migrate", StringComparison.Ordinal)).Select(o => o.Id));
    }

    [Fact]
    public async Task Run_OneFails_OthersAreDoneAndRetryRepeatsOnlyIt()
    {
        var tenants = await BehindAsync(3);
        await ForbidDdlAsync(tenants[1]);

        var operation = await Upgrade.StartAsync(Host.Admin, null, Cancellation);
        var failed = await Host.EndOfAsync(operation);

        Assert.Equal((OperationState.Failed, new Message("items_failed", "1", "3")), (failed.State, failed.Error));
        var worst = (await ItemsAsync(operation))[tenants[1].Id];
        Assert.Equal((OperationItemState.Failed,
            new Message("server_error", "23514", "frozen until the audit is over")), (worst.State, worst.Message));
        await AssertAtAsync(OldSchema.Version, tenants[1]);
        await AssertAtAsync(Head, tenants[0], tenants[2]);

        await AllowDdlAsync(tenants[1]);
        await Operations.RetryAsync(Host.Admin, operation, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        await AssertAtAsync(Head, tenants);
        Assert.Equal(4, await CountAsync($"operations WHERE parent_id = '{operation}'"));
        Assert.All(tenants, t => Assert.Equal(1, RecordsAsync(t.Id, "tenant.schema_migrated").Result));
    }

    [Fact]
    public async Task Cancel_HalfDone_KeepsResultsAndSkipsTheRest()
    {
        var tenants = await BehindAsync(4);
        await using var first = await HoldAsync(tenants[1]);
        await using var second = await HoldAsync(tenants[2]);
        await using var third = await HoldAsync(tenants[3]);
        var operation = await Upgrade.StartAsync(Host.Admin, null, Cancellation);
        Assert.Equal(OperationItemState.Done, (await ResultAsync(operation, tenants[0])).State);

        await Operations.CancelAsync(Host.Admin, operation, Cancellation);

        var ended = await Host.EndOfAsync(operation);
        Assert.Equal((OperationState.Cancelled, StepState.Stopped), (ended.State, ended.Steps.Single().State));
        Assert.Equal(0, await CountAsync(
            $"operations WHERE parent_id = '{operation}' AND state NOT IN ('succeeded', 'cancelled', 'failed')"));
        var items = await ItemsAsync(operation);
        Assert.Equal(OperationItemState.Done, items[tenants[0].Id].State);
        Assert.All(tenants[1..], t => Assert.Equal(OperationItemState.Skipped, items[t.Id].State));
        await first.DisposeAsync();
        await second.DisposeAsync();
        await third.DisposeAsync();
        await AssertAtAsync(OldSchema.Version, tenants[1..]);

        // Nothing blocks the next operation.
        Assert.Equal(OperationState.Succeeded,
            (await Host.EndOfAsync(await Upgrade.StartAsync(Host.Admin, null, Cancellation))).State);
        await AssertAtAsync(Head, tenants);
    }

    [Fact]
    public async Task Upgrade_SomeChosenCannotBe_AreSkippedWithTheReason()
    {
        var tenants = await BehindAsync(3);
        var registered = await RegisterAsync(NewName("solo"));
        var current = await ReadyAsync(NewName("aldia"));
        var deleted = await BehindAsync("borrada");
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(await DeleteAsync(deleted))).State);
        int[] chosen = [tenants[0].Id, tenants[1].Id, registered, current.Id, deleted.Id, 999_999];

        var plan = await Upgrade.PlanAsync(Host.Admin, chosen, Cancellation);
        await using var held = await HoldAsync(tenants[0]);
        var operation = await Upgrade.StartAsync(Host.Admin, chosen, Cancellation);

        // A tenant that is deleted before its turn is skipped. So is one whose operation a person cancels.
        Assert.Equal(2, plan.Run);
        Assert.Equal(["is_trashed", "never_provisioned", "schema_current", "tenant_unknown"],
            plan.Skipped.Select(s => s.Key));
        Assert.Equal(OperationItemState.Done, (await ResultAsync(operation, tenants[1])).State);
        var child = (await ItemsAsync(operation))[tenants[0].Id].ChildOperationId!.Value;
        await Eventually.HoldsAsync(
            "it backs off", async () =>
            (await Operations.GetAsync(Host.Admin, child, Cancellation)).State == OperationState.Queued, Cancellation);
        await Operations.CancelAsync(Host.Admin, child, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        var items = await ItemsAsync(operation);
        Assert.Equal(new Message("child_cancelled"), items[tenants[0].Id].Message);
        Assert.Equal(new Message("is_trashed"), items[deleted.Id].Message);
        await AssertAtAsync(OldSchema.Version, tenants[2]);
    }

    [Fact]
    public async Task Upgrade_AnotherOperationOfATenantRuns_OnlyThatTenantWaits()
    {
        var tenants = await BehindAsync(3);

        // The tenant's limits are being applied, and that operation waits for a lock in the tenant's database.
        await using var held =
            await PostgresServer.OpenAsync(Server.SuperuserUrl(tenants[0].DatabaseName!), Cancellation);
        await using (var row = new NpgsqlCommand("BEGIN; SELECT FROM public.tenant_limits FOR UPDATE", held))
        {
            await row.ExecuteNonQueryAsync(Cancellation);
        }

        var details = TenantDetails.Of(tenants[0]);
        await Host.Get<TenantEditing>()
            .UpdateAsync(Host.Admin, tenants[0].Id, details, details with { MaxUsers = 9 }, Cancellation);
        await Eventually.HoldsAsync(
            "it runs", async () =>
            await CountAsync("operations WHERE kind = 'apply_limits' AND state = 'running'") == 1, Cancellation);

        var plan = await Upgrade.PlanAsync(Host.Admin, null, Cancellation);
        var operation = await Upgrade.StartAsync(Host.Admin, null, Cancellation);

        Assert.Equal((3, 1), (plan.Run, plan.Busy));
        foreach (var tenant in tenants[1..])
        {
            Assert.Equal(OperationItemState.Done, (await ResultAsync(operation, tenant)).State);
        }

        Assert.Equal(OperationItemState.Pending, (await ItemsAsync(operation))[tenants[0].Id].State);
        await held.DisposeAsync();
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        await AssertAtAsync(Head, tenants);
    }

    [Fact]
    public async Task Upgrade_TenantDeletedMeanwhile_IsSkipped()
    {
        var tenants = await BehindAsync(2);
        await Host.PauseWorkersAsync(true);
        var delete = await DeleteAsync(tenants[0]);
        var operation = await Upgrade.StartAsync(Host.Admin, tenants.Select(t => t.Id).ToArray(), Cancellation);
        await Host.PauseWorkersAsync(false);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(delete)).State);
        var items = await ItemsAsync(operation);
        Assert.Equal((OperationItemState.Skipped, OperationItemState.Done),
            (items[tenants[0].Id].State, items[tenants[1].Id].State));
    }

    [Fact]
    public async Task Start_TwiceAtOnce_GivesOneOperation()
    {
        await BehindAsync("doble");

        var started = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            await using var scope = Host.Services.CreateAsyncScope();
            try
            {
                return (Guid?)await scope.ServiceProvider.GetRequiredService<SchemaUpgradeService>()
                    .StartAsync(Host.Admin, null, Cancellation);
            }
            catch (RuleException e) when (e.Reason.Code == "upgrade_running")
            {
                return null;
            }
        }));

        Assert.Single(started, id => id is not null);
        Assert.Equal(OperationState.Succeeded,
            (await Host.EndOfAsync(started.Single(id => id is not null)!.Value)).State);
        await AssertRefusedAsync("nothing_to_migrate", () => Upgrade.StartAsync(Host.Admin, null, Cancellation));
        Assert.Equal(1, await CountAsync("audit_events WHERE action = 'tenants.schema_upgrade_requested'"));
    }

    private Task<Guid> DeleteAsync(Tenant tenant) =>
        Host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, tenant.Id, new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword),
            Cancellation);
}
