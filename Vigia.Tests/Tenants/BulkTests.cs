using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>Actions on many tenants at once: the counts, the work, and the result for each tenant.</summary>
public sealed class BulkTests(PostgresServer server) : BulkTestBase(server)
{
    private static readonly TenantBulkRequest Reactivate = new(Suspends: false);

    [Fact]
    public async Task Suspend_SomeCannotBe_EachHasItsResult()
    {
        var active = await Host.AddActiveAsync(30);
        var registered = await RegisterAsync(NewName("solo"));
        var inactive = (await Host.AddActiveAsync(1))[0];
        await Host.Get<TenantActivation>().SuspendAsync(Host.Admin, inactive, "seguridad", null, Cancellation);
        int[] chosen = [.. active, registered, inactive, 999_999];

        var plan = await Bulk.PlanAsync(Host.Support, true, chosen, Cancellation);
        var operation = await Bulk.StartAsync(Host.Support, Suspend, chosen, Cancellation);

        Assert.Equal((30, 0), (plan.Run, plan.Provisions));
        Assert.Equal(["already_inactive", "never_provisioned", "tenant_unknown"], plan.Skipped.Select(s => s.Key));
        Assert.All(plan.Skipped, s => Assert.Equal(1, s.Value));
        var ended = await Host.EndOfAsync(operation);
        Assert.Equal((OperationState.Succeeded, 100, 33), (ended.State, ended.Progress, ended.ItemCount));
        Assert.Equal(Host.Support.Name, ended.RequestedByName);
        var items = await ItemsAsync(operation);
        Assert.Equal(
            new Dictionary<OperationItemState, int>
            { [OperationItemState.Done] = 30, [OperationItemState.Skipped] = 3 }.OrderBy(p => p.Key),
            items.Counts.OrderBy(p => p.Key));
        Assert.Equal([OperationItemState.Skipped, OperationItemState.Skipped, OperationItemState.Skipped,
            OperationItemState.Done], items.Items.Take(4).Select(i => i.State));
        foreach (var id in active)
        {
            var row = await RowAsync(id);
            Assert.Equal((false, InactiveKind.Suspended, "seguridad", "incidente 12"),
                (row.IsActive, row.InactiveKind, row.InactiveReasonCode, row.InactiveReason));
            Assert.NotNull(row.TokensValidAfter);
            Assert.Equal(1, await RecordsAsync(id, "tenant.suspended"));
        }

        Assert.Equal(30L, await CountAsync(
            $"audit_events WHERE operation_id = '{operation}' AND action = 'tenant.suspended' "
            + "AND reason = 'seguridad: incidente 12'"));
        Assert.Equal(1L, await CountAsync(
            $"audit_events WHERE operation_id = '{operation}' AND action = 'tenants.suspension_requested'"));
    }

    [Fact]
    public async Task Reactivate_TenantsThatNeedMoreRights_AreSkippedForSupport()
    {
        var suspended = await Host.AddActiveAsync(2);
        var withdrawn = (await Host.AddActiveAsync(1))[0];
        var registered = await RegisterAsync(NewName("masivo"));
        await Host.EndOfAsync(await Bulk.StartAsync(Host.Admin, Suspend, suspended, Cancellation));
        await Host.Get<TenantActivation>().WithdrawAsync(Host.Admin, withdrawn, "fin_de_contrato", null, Cancellation);
        int[] chosen = [.. suspended, withdrawn, registered];

        var plan = await Bulk.PlanAsync(Host.Support, false, chosen, Cancellation);
        await Host.EndOfAsync(
            await Bulk.StartAsync(
            Host.Support, Reactivate, suspended[..1].Append(withdrawn).Append(registered).ToArray(), Cancellation));

        Assert.Equal(2, plan.Run);
        Assert.Equal(["provisioning_needs_administrator", "withdrawn_needs_administrator"],
            plan.Skipped.Select(s => s.Key));
        Assert.False((await RowAsync(withdrawn)).IsActive);
        Assert.Equal(TenantState.Registered, (await RowAsync(registered)).State);

        var full = await Bulk.PlanAsync(Host.Admin, false, chosen, Cancellation);
        var operation = await Bulk.StartAsync(Host.Admin, Reactivate, chosen, Cancellation);

        Assert.Equal((3, 1), (full.Run, full.Provisions));
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        var child = (await ItemsAsync(operation)).Items.Single(i => i.TenantId == registered).ChildOperationId;
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(child!.Value)).State);
        foreach (var id in chosen)
        {
            Assert.True((await RowAsync(id)).IsActive);
        }
    }

    [Fact]
    public async Task Reactivate_TenantChangedSinceTheRequest_IsSkipped()
    {
        var ids = await Host.AddActiveAsync(2);
        await Host.EndOfAsync(await Bulk.StartAsync(Host.Admin, Suspend, ids, Cancellation));
        await PauseAsync(true);
        var operation = await Bulk.StartAsync(Host.Admin, Reactivate, ids, Cancellation);
        var activation = Host.Get<TenantActivation>();
        await activation.ReactivateAsync(Host.Support, ids[0], Cancellation);
        await activation.SuspendAsync(Host.Support, ids[0], "falta_de_pago", null, Cancellation);
        await PauseAsync(false);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        Assert.Equal(new Message("changed_since_request"), (await ItemsAsync(operation)).Items[0].Message);
        Assert.Equal((false, "falta_de_pago"),
            await RowAsync(ids[0]) is var row ? (row.IsActive, row.InactiveReasonCode) : default);
        Assert.True((await RowAsync(ids[1])).IsActive);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reactivate_RequestedOrRetriedWithFewerRights_UndoesNoWithdrawal(bool isRetry)
    {
        var limited = Host.Admin with { RightsLimit = [Rights.TenantsToggle, Rights.OperationsControl] };
        var id = (await Host.AddActiveAsync(1))[0];
        await Host.EndOfAsync(await Bulk.StartAsync(Host.Admin, Suspend, [id], Cancellation));
        if (isRetry)
        {
            await ExecuteAsync(
                """
                CREATE FUNCTION public.test_refuse() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = 'check_violation'; END $$;
                CREATE TRIGGER test_refuse BEFORE UPDATE ON clientes_saas FOR EACH ROW WHEN (NEW.is_active)
                    EXECUTE FUNCTION public.test_refuse();
                """);
        }

        await PauseAsync(!isRetry);
        var operation = await Bulk.StartAsync(isRetry ? Host.Admin : limited, Reactivate, [id], Cancellation);
        if (isRetry)
        {
            Assert.Equal(OperationState.Failed, (await Host.EndOfAsync(operation)).State);
        }

        // The change is older than the request, so the result depends on the right alone.
        await ExecuteAsync(
            $"""
            DROP TRIGGER IF EXISTS test_refuse ON clientes_saas;
            UPDATE clientes_saas SET inactive_kind = 'withdrawn', inactive_since = now() - interval '1 day'
                WHERE id = {id}
            """);
        if (isRetry)
        {
            await Operations.RetryAsync(limited, operation, Cancellation);
        }

        await PauseAsync(false);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        Assert.Equal(new Message("withdrawn_needs_administrator"),
            Assert.Single((await ItemsAsync(operation)).Items).Message);
        Assert.False((await RowAsync(id)).IsActive);
    }

    [Fact]
    public async Task RetryPlan_OfAReactivation_CountsTheNewDatabases()
    {
        var ids = await Host.AddActiveAsync(3);
        await ExecuteAsync(
            $"""
            UPDATE clientes_saas SET is_active = false, state = 'registered' WHERE id IN ({ids[0]}, {ids[1]});
            UPDATE clientes_saas SET is_active = false, inactive_kind = 'suspended' WHERE id = {ids[2]};
            """);
        await PauseAsync(true);
        var operation = await Bulk.StartAsync(Host.Admin, Reactivate, ids, Cancellation);

        Assert.Equal((3, 2), await PlannedAsync(operation));
        var plan = await Operations.PlanRetryAsync(Host.Admin, operation, Cancellation);
        Assert.True(plan!.Cost.Bytes > 0);
        await Assert.ThrowsAsync<ForbiddenException>(
            () => Operations.PlanRetryAsync(Host.Support, operation, Cancellation));
        await Operations.CancelAsync(Host.Admin, operation, Cancellation);
        await PauseAsync(false);
    }

    [Fact]
    public async Task Start_WithNothingToDoOrBadInput_IsRefused()
    {
        var ids = await Host.AddActiveAsync(2);

        await AssertRefusedAsync("nothing_to_do", () => Bulk.StartAsync(Host.Admin, Reactivate, ids, Cancellation));
        await AssertRefusedAsync("nothing_to_do", () => Bulk.StartAsync(Host.Admin, Suspend, [], Cancellation));
        await AssertInvalidAsync(
            "reason_code", "reason_code_required",
            () => Bulk.StartAsync(Host.Admin, new TenantBulkRequest(true), ids, Cancellation));
        await AssertInvalidAsync(
            "reason", "reason_required",
            () => Bulk.StartAsync(Host.Admin, new TenantBulkRequest(true, "otro", " "), ids, Cancellation));
        await Assert.ThrowsAsync<ForbiddenException>(
            () => Bulk.StartAsync(new Actor(null, "Nadie", null, []), Suspend, ids, Cancellation));
        await Assert.ThrowsAsync<ForbiddenException>(
            () => Bulk.PlanAsync(new Actor(null, "Nadie", null, []), true, ids, Cancellation));

        Assert.Equal(0L, await CountAsync("operations WHERE kind = 'suspend_tenants'"));
        Assert.True((await RowAsync(ids[0])).IsActive);
    }

    [Fact]
    public async Task List_OfAChangedTenant_ShowsTheOperationOnMany()
    {
        var ids = await Host.AddActiveAsync(2);
        await Host.EndOfAsync(await Bulk.StartAsync(Host.Admin, Suspend, ids[..1], Cancellation));

        async Task<int> ListedAsync(OperationQuery query) =>
            (await Operations.ListAsync(Host.Admin, query with { Kind = new("suspend_tenants") }, Cancellation)).Total;

        Assert.Equal(1, await ListedAsync(new OperationQuery { HideRoutine = true }));
        Assert.Equal(1, await ListedAsync(new OperationQuery { TenantId = ids[0], WithMany = true }));
        Assert.Equal(0, await ListedAsync(new OperationQuery { TenantId = ids[0] }));
        Assert.Equal(0, await ListedAsync(new OperationQuery { TenantId = ids[1], WithMany = true }));
    }

    [Fact]
    public async Task ChooseAll_WithAFilter_ReturnsEveryMatch()
    {
        await Host.AddActiveAsync(250);
        var other = await RegisterAsync(NewName("otro"));

        var found = await Host.Get<TenantSearch>()
            .FindIdsAsync(Host.Support, new TenantQuery { Q = "Masivo", PageSize = 20 }, Cancellation);

        Assert.Equal(250, found.Count);
        Assert.DoesNotContain(other, found);
        Assert.Empty(await Host.Get<TenantSearch>()
            .FindIdsAsync(Host.Support, new TenantQuery { Q = "\0" }, Cancellation));
        var operation = await Bulk.StartAsync(Host.Admin, Suspend, found.ToArray(), Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        Assert.Equal(250L, await CountAsync($"operation_items WHERE operation_id = '{operation}' AND state = 'done'"));
        var second = await Host.Get<OperationResults>().ListAsync(
            Host.Support, operation, OperationItemState.Done, -1, 200, Cancellation);
        Assert.Equal((250, 2, 50), (second.Total, second.Page, second.Items.Count));
    }

    private Task PauseAsync(bool paused) => ExecuteAsync($"UPDATE portal.instance SET workers_paused = {paused}");
}
