using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

public sealed class ActivationTests(PostgresServer server) : CoreTestBase(server)
{
    private TenantActivation Activation => Host.Get<TenantActivation>();

    [Fact]
    public async Task Suspend_ByTwoPeopleAtOnce_LeavesOneRecord()
    {
        var tenant = await ReadyAsync(NewName("susp"));

        var results = await Task.WhenAll(new[] { Host.Admin, Host.Support, Host.Admin, Host.Support }
            .Select(actor => Activation.SuspendAsync(actor, tenant.Id, "seguridad", null, Cancellation)));

        Assert.Equal(1, results.Count(r => r.Changed));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.suspended"));
        var row = await RowAsync(tenant.Id);
        Assert.Equal((false, InactiveKind.Suspended), (row.IsActive, row.InactiveKind));
        Assert.NotNull(row.TokensValidAfter);
    }

    [Fact]
    public async Task Suspend_WithoutReason_IsInvalid()
    {
        var tenant = await ReadyAsync(NewName("motivo"));

        await AssertInvalidAsync(
            "reason_code", "reason_code_required",
            () => Activation.SuspendAsync(Host.Admin, tenant.Id, null, null, Cancellation));
        await AssertInvalidAsync(
            "reason", "reason_required",
            () => Activation.SuspendAsync(Host.Admin, tenant.Id, "otro", " ", Cancellation));

        Assert.True((await RowAsync(tenant.Id)).IsActive);
    }

    [Fact]
    public async Task Reactivate_RegisteredOnly_ProvisionsIt()
    {
        var id = await RegisterAsync(NewName("perezoso"));
        await AssertRefusedAsync(
            "never_provisioned", () => Activation.SuspendAsync(Host.Admin, id, "seguridad", null, Cancellation));

        var result = await Activation.ReactivateAsync(Host.Admin, id, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(result.OperationId!.Value)).State);
        Assert.True((await RowAsync(id)).IsActive);
    }

    [Fact]
    public async Task Withdraw_LeavesTheDefaultList_AndReactivatingNeedsTheRight()
    {
        var tenant = await ReadyAsync(NewName("baja"));
        await Assert.ThrowsAsync<ForbiddenException>(
            () => Activation.WithdrawAsync(Host.Support, tenant.Id, "fin_de_contrato", null, Cancellation));

        await Activation.WithdrawAsync(Host.Admin, tenant.Id, "fin_de_contrato", null, Cancellation);

        Assert.Equal(0, (await Host.Get<TenantSearch>()
            .SearchAsync(Host.Admin, new TenantQuery { Q = tenant.Subdomain }, Cancellation)).Total);
        Assert.Equal(1, (await Host.Get<TenantSearch>()
            .SearchAsync(Host.Admin, new TenantQuery { Q = tenant.Subdomain, Status = TenantStatus.Withdrawn },
            Cancellation)).Total);
        await Assert.ThrowsAsync<ForbiddenException>(
            () => Activation.ReactivateAsync(Host.Support, tenant.Id, Cancellation));
        Assert.True((await Activation.ReactivateAsync(Host.Admin, tenant.Id, Cancellation)).Changed);
    }

    [Fact]
    public async Task Provision_AWithdrawnTenant_GetsItsDatabaseAndStaysWithdrawn()
    {
        var registered = await RegisterAsync(NewName("retirado"));
        await Activation.WithdrawAsync(Host.Admin, registered, "fin_de_contrato", null, Cancellation);
        var first = await Host.Get<TenantProvisioning>().ProvisionAsync(Host.Admin, registered, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(first)).State);

        // A tenant whose provisioning failed, which was then withdrawn, and whose provisioning is retried.
        var failed = await RegisterAsync(NewName("fallido"));
        var name = (await RowAsync(failed)).DatabaseName!;
        await Server.CreateDatabaseAsync(name, null, Cancellation);
        var second = await Host.Get<TenantProvisioning>().ProvisionAsync(Host.Admin, failed, Cancellation);
        Assert.Equal(OperationState.Failed, (await Host.EndOfAsync(second)).State);
        await Activation.WithdrawAsync(Host.Admin, failed, "fin_de_contrato", null, Cancellation);
        await Server.DropDatabaseAsync(name, Cancellation);
        await Host.Get<OperationService>().RetryAsync(Host.Admin, second, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(second)).State);

        foreach (var id in new[] { registered, failed })
        {
            var row = await RowAsync(id);
            Assert.Equal((TenantState.Ready, false, InactiveKind.Withdrawn),
                (row.State, row.IsActive, row.InactiveKind));
            Assert.Equal((1, 0),
                (await RecordsAsync(id, "tenant.provisioned"), await RecordsAsync(id, "tenant.activated")));
            await Assert.ThrowsAsync<ForbiddenException>(
                () => Activation.ReactivateAsync(Host.Support, id, Cancellation));
            Assert.True((await Activation.ReactivateAsync(Host.Admin, id, Cancellation)).Changed);
            Assert.True((await RowAsync(id)).IsActive);
            Assert.Equal(1, await RecordsAsync(id, "tenant.activated"));
        }
    }

    [Fact]
    public async Task ExpireDemos_OneIsRefused_OthersExpire()
    {
        var ids = await Host.AddActiveAsync(2);
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database),
            $"""
            UPDATE clientes_saas SET state = 'ready', entorno = 'demo', expires_at = now() - interval '1 hour'
                WHERE id IN ({ids[0]}, {ids[1]});
            CREATE FUNCTION test_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE EXCEPTION 'not this one' USING ERRCODE = '23514';
            END $$;
            CREATE TRIGGER test_refuse BEFORE UPDATE ON clientes_saas FOR EACH ROW
                WHEN (OLD.id = {ids[0]} AND NOT NEW.is_active) EXECUTE FUNCTION test_refuse();
            """, Cancellation);
        Guid operation;
        await using (var db = await Host.OpenMasterAsync())
        {
            operation = Host.Get<OperationQueue>().Enqueue(
                db, Actor.System, new("expire_demos"), (OperationTarget?)null, null, OperationQueue.Background).Id;
            await db.SaveChangesAsync(Cancellation);
        }

        var ended = await Host.EndOfAsync(operation);

        Assert.Equal((OperationState.Failed, "server_error"), (ended.State, ended.Error?.Code));
        Assert.Equal((true, false), ((await RowAsync(ids[0])).IsActive, (await RowAsync(ids[1])).IsActive));
    }

    [Fact]
    public async Task ExpireDemos_DaysAreOver_DeactivatesAndReactivatingGivesNewDays()
    {
        var tenant = await ReadyAsync(NewName("vence"), "demo");
        await PostgresServer.ExecuteAsync(
            Host.Master, $"UPDATE clientes_saas SET expires_at = now() - interval '1 hour' WHERE id = {tenant.Id}",
            Cancellation);
        await using (var db = await Host.OpenMasterAsync())
        {
            Host.Get<OperationQueue>().Enqueue(
                db, Actor.System, new("expire_demos"), (OperationTarget?)null, null, OperationQueue.Background);
            await db.SaveChangesAsync(Cancellation);
        }

        await Eventually.HoldsAsync(
            "the demo expires", async () => !(await RowAsync(tenant.Id)).IsActive, Cancellation);
        Assert.Equal(TenantStatus.Expired,
            (await Host.Get<TenantSearch>().GetAsync(Host.Admin, tenant.Id, Cancellation)).View!.Status);
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.expired"));
        await Activation.ReactivateAsync(Host.Admin, tenant.Id, Cancellation);
        Assert.True((await RowAsync(tenant.Id)).ExpiresAt > DateTimeOffset.UtcNow.AddDays(29));
    }

    [Fact]
    public async Task Support_MayOnlyViewSuspendAndReactivate()
    {
        var tenant = await ReadyAsync(NewName("soporte"));
        var seen = TenantDetails.Of(tenant);

        Assert.True((await Activation.SuspendAsync(Host.Support, tenant.Id, "seguridad", null, Cancellation)).Changed);
        Assert.True((await Activation.ReactivateAsync(Host.Support, tenant.Id, Cancellation)).Changed);
        await Host.Get<TenantSearch>().SearchAsync(Host.Support, new TenantQuery(), Cancellation);
        Func<Task>[] refused =
        [
            () => Host.Get<TenantRegistration>().RegisterAsync(Host.Support, Request(NewName("no")), Cancellation),
            () => Host.Get<TenantEditing>()
                .UpdateAsync(Host.Support, tenant.Id, seen, seen with { ContactName = "x" }, Cancellation),
            () => Host.Get<TenantProvisioning>().ProvisionAsync(Host.Support, tenant.Id, Cancellation),
            () => Host.Get<TenantDeletion>()
                .DeleteAsync(Host.Support, tenant.Id, new(tenant.Subdomain!, "x", "x"), Cancellation),
            () => Host.Get<TrashService>().RestoreAsync(Host.Support, tenant.Id, null, Cancellation),
            () => Host.Get<TrashService>().PurgeAsync(Host.Support, tenant.Id, new("x", "x", "x"), Cancellation),
            () => Host.Get<OperationService>().RetryAsync(Host.Support, Guid.NewGuid(), Cancellation),
            () => Host.Get<OperationService>().CancelAsync(Host.Support, Guid.NewGuid(), Cancellation),
            () => Host.Get<WorkerSwitch>().PauseWorkersAsync(Host.Support, true, Cancellation),
        ];
        foreach (var act in refused)
        {
            await Assert.ThrowsAsync<ForbiddenException>(act);
        }
    }
}
