using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Isolation;

/// <summary>
/// The nightly proof of every tenant. A problem of one tenant does not affect the others, a deleted tenant is left out,
/// and a crash of the process loses nothing.
/// </summary>
public sealed class NightlyProofTests(PostgresServer server) : IsolationTestBase(server)
{
    private OperationService Operations => Host.Get<OperationService>();

    protected override void Configure(IServiceCollection services) => services.Configure<MailOptions>(o =>
    {
        // Nothing listens on this address. Only the mails in the outbox matter.
        (o.Host, o.Port, o.Security, o.From) = ("127.0.0.1", 9, MailSecurity.None, "portal@vigia.test");
    });

    [Fact]
    public async Task Night_BrokenUnreachableAndDeletedTenants_OthersAreProvedAndAllReported()
    {
        var good = await ReadyAsync(NewName("sano"));
        var broken = await ReadyAsync(NewName("roto"));
        var unreachable = await ReadyAsync(NewName("lejos"));
        var gone = await ReadyAsync(NewName("ido"), "demo");
        await RegisterAsync(NewName("anotado"));
        await AsSuperuserAsync("postgres", $"GRANT pg_read_server_files TO {await RoleOfAsync(broken)}");
        await AsSuperuserAsync("postgres", $"ALTER DATABASE \"{unreachable.DatabaseName}\" ALLOW_CONNECTIONS false");
        await using var gate = await StepGate.CloseAsync(Host, "list_tenants");
        var operation = await NightAsync();
        await gate.ReachedAsync();
        await Host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, gone.Id, new(gone.Subdomain!, "fin", CoreHost.AdminPassword, 0), Cancellation);
        await Eventually.HoldsAsync(
            "it is gone", async () =>
            await Host.ScalarAsync<long>(
            Host.Master.Database, $"SELECT count(*) FROM clientes_saas WHERE id = {gone.Id}") == 0, Cancellation);
        await gate.OpenAsync();

        var ended = await Host.EndOfAsync(operation);

        var items = (await Host.Get<OperationResults>().ListAsync(
            Host.Support, operation, null, 1, 200, Cancellation)).Items.ToDictionary(i => i.TenantId);
        Assert.True(ended.Error == new Message("isolation_items_failed", "2", "4"),
            $"{ended.State} {ended.Error}\n"
            + $"{string.Join("\n", items.Values.Select(i => $"{i.Subdomain} {i.State} {i.Message}"))}");
        Assert.Equal((OperationItemState.Done, null), (items[good.Id].State, items[good.Id].Message));
        Assert.Equal((OperationItemState.Failed, "isolation_broken"),
            (items[broken.Id].State, items[broken.Id].Message?.Code));
        Assert.Equal((OperationItemState.Failed, "isolation_unknown"),
            (items[unreachable.Id].State, items[unreachable.Id].Message?.Code));
        Assert.Equal(OperationItemState.Skipped, items[gone.Id].State);
        Assert.Equal([ProofCause.Nightly, ProofCause.Provisioning],
            (await Service.HistoryAsync(Host.Admin, good.Id, 9, Cancellation)).Select(p => p.Cause));
        Assert.Equal([broken.Id], (await Service.BrokenAsync(Host.Support, Cancellation)).Select(b => b.TenantId));
        var mails = await MailsAsync();
        Assert.Equal(["ana@vigia.test"], mails.Select(l => l.Recipient));
        Assert.Equal(broken.Id, mails.Single().TenantId);

        // Only the failed ones are proved again.
        await AsSuperuserAsync(
            "postgres",
            $"REVOKE pg_read_server_files FROM {await RoleOfAsync(broken)}; "
            + $"ALTER DATABASE \"{unreachable.DatabaseName}\" ALLOW_CONNECTIONS true");
        await Operations.RetryAsync(Host.Admin, operation, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        Assert.Equal(2, (await Service.HistoryAsync(Host.Admin, good.Id, 9, Cancellation)).Count);
        Assert.Empty(await Service.BrokenAsync(Host.Support, Cancellation));

        // A successful nightly proof does not appear in the history of a tenant's page.
        Assert.DoesNotContain(
            (await Operations.ListAsync(
            Host.Admin, new OperationQuery { TenantId = good.Id, WithMany = true }, Cancellation)).Items,
            o => o.Id == operation);
    }

    [Fact]
    public async Task Night_AllSessionsBroken_ContinuesWhereItWas()
    {
        var tenants = new[] { await ReadyAsync(NewName("a")), await ReadyAsync(NewName("b")),
            await ReadyAsync(NewName("c")) };
        await using var gate = await StepGate.CloseBeforeInsertAsync(Host, "portal.isolation_proofs");
        var operation = await NightAsync();
        await gate.ReachedAsync();

        await AsSuperuserAsync(
            Host.Master.Database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            + "WHERE datname = current_database() AND usename <> current_user");
        await gate.OpenAsync();

        await Eventually.HoldsAsync("it ends well", async () =>
            await Host.ScalarAsync<long>(
                Host.Master.Database,
                $"SELECT count(*) FROM portal.operations WHERE id = '{operation}' AND state = 'succeeded'") == 1,
                Cancellation, TimeSpan.FromSeconds(60));
        foreach (var tenant in tenants)
        {
            Assert.Single(await Service.HistoryAsync(Host.Admin, tenant.Id, 9, Cancellation),
                p => p.Cause == ProofCause.Nightly);
        }
    }

    [Fact]
    public async Task ProveAll_OnDemand_RequiresTheRight()
    {
        var tenant = await ReadyAsync(NewName("uno"));

        var operation = await Host.EndOfAsync(await Service.ProveAllAsync(Host.Admin, Cancellation));

        Assert.Equal((OperationState.Succeeded, 1), (operation.State, operation.ItemCount));
        Assert.Equal(ProofCause.Manual, (await LastAsync(tenant))!.Cause);
        await Assert.ThrowsAsync<ForbiddenException>(() => Service.ProveAllAsync(Host.Support, Cancellation));
    }

    [Fact]
    public async Task Prune_OldProofs_KeepsTheLastOfEachTenant()
    {
        var tenant = await ReadyAsync(NewName("viejo"));
        await ProveAsync(tenant);
        await AsSuperuserAsync(
            Host.Master.Database, "UPDATE portal.isolation_proofs SET finished_at = finished_at - interval '91 days'");

        await Host.EndOfAsync(await EnqueueAsync(PruneHistory.KindName));

        Assert.Equal([ProofCause.Manual],
            (await Service.HistoryAsync(Host.Admin, tenant.Id, 9, Cancellation)).Select(p => p.Cause));
    }

    private Task<Guid> NightAsync() => EnqueueAsync(ProveMany.KindName);

    private async Task<Guid> EnqueueAsync(OperationKind kind)
    {
        await using var db = await Host.OpenMasterAsync();
        var operation = Host.Get<OperationQueue>()
            .Enqueue(db, Actor.System, kind, (OperationTarget?)null, null, OperationQueue.Background);
        await db.SaveChangesAsync(Cancellation);
        return operation.Id;
    }

    private async Task<IReadOnlyList<OutboxMessage>> MailsAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        return [.. db.Set<OutboxMessage>().Where(m => m.Kind == "isolation_broken")];
    }
}
