using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Startup;
using Vigia.Core.Tenancy;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

/// <summary>Starts a real copy of a master beside the original. See docs/rules.md#copied-master.</summary>
[Trait("needs", "pg_dump")]
public sealed class CopiedMasterTests(PostgresServer server) : CoreTestBase(server)
{
    [Fact]
    public async Task Start_OnACopy_IsReadOnlyAndTouchesNothing()
    {
        var (tenant, copy) = await CopyAsync();
        await using var host = await CoreHost.StartAsync(Server, master: copy);

        Assert.Equal("master_copied", host.Get<MasterIdentity>().ReadOnly?.Code);
        await AssertRefusedAsync(
            "read_only", () => host.Get<TenantActivation>()
            .SuspendAsync(Host.Admin, tenant.Id, "seguridad", null, Cancellation));
        await AssertRefusedAsync(
            "read_only", () => host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("no")), Cancellation));
        TenantEntry? entry = null;
        await Eventually.HoldsAsync(
            "the copy knows the tenant",
            () => Task.FromResult(host.Get<TenantCatalog>().TryFind(tenant.Subdomain!, out entry)), Cancellation);
        var refused = await Assert.ThrowsAsync<TenantRefusedException>(
            () => host.Get<TenantSessions>().OpenAsync(entry!, Cancellation).AsTask());
        Assert.Equal(TenantRefusal.RegistryUnavailable, refused.Refusal);
        await Eventually.HoldsAsync(
            "the original does its work",
            async () => (await RowAsync(tenant.Id)).LimitsRevision == (await RowAsync(tenant.Id)).LimitsAppliedRevision,
            Cancellation);
        Assert.Equal(1L, await host.ScalarAsync<long>(
            copy.Database, "SELECT count(*) FROM portal.operations WHERE state = 'queued'"));
    }

    [Fact]
    public async Task CopiedMaster_DeclaredACopy_ForgetsTheOriginal()
    {
        var (tenant, copy) = await CopyAsync();
        await using var host = await CoreHost.StartAsync(Server, master: copy);
        var resolution = host.Get<MasterResolution>();
        await Assert.ThrowsAsync<ForbiddenException>(
            () => resolution.CopyAsync(Host.Support, CoreHost.AdminPassword, Cancellation));
        await AssertRefusedAsync("password_wrong", () => resolution.CopyAsync(Host.Admin, "no-es", Cancellation));

        await resolution.CopyAsync(Host.Admin, CoreHost.AdminPassword, Cancellation);

        Assert.NotEqual(Host.Get<MasterIdentity>().MasterId, host.Get<MasterIdentity>().MasterId);
        Assert.Equal(TenantState.Unmanaged,
            (await host.Get<TenantSearch>().GetAsync(Host.Admin, tenant.Id, Cancellation)).View!.Row.State);
        await AssertRefusedAsync(
            "tenant_unmanaged", () =>
            host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, tenant.Id, new(tenant.Subdomain!, "x", CoreHost.AdminPassword), Cancellation));
        await AssertRefusedAsync(
            "tenant_unmanaged", () =>
            host.Get<TenantProvisioning>().ProvisionAsync(Host.Admin, tenant.Id, Cancellation));
        Assert.Equal(1L, await Host.ScalarAsync<long>(
            "postgres", $"SELECT count(*) FROM pg_database WHERE datname = '{tenant.DatabaseName}'"));
        var own = await host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("propio"), r => r with { Provision = true }), Cancellation);
        var ended = await host.EndOfAsync(own.OperationId!.Value);
        Assert.True(ended.State == OperationState.Succeeded, $"{ended.Error}");
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task CopiedMaster_DeclaredMoved_KeepsItsId()
    {
        var (tenant, copy) = await CopyAsync();
        await using (var host = await CoreHost.StartAsync(Server, master: copy))
        {
            await host.Get<MasterResolution>().MovedAsync(Host.Admin, CoreHost.AdminPassword, Cancellation);

            Assert.Equal(Host.Get<MasterIdentity>().MasterId, host.Get<MasterIdentity>().MasterId);
            await Eventually.HoldsAsync(
                "what waited is done",
                async () => await host.ScalarAsync<long>(
                copy.Database, "SELECT count(*) FROM portal.operations WHERE state = 'queued'") == 0, Cancellation);
        }

        await using var again = await CoreHost.StartAsync(Server, master: copy);
        Assert.Null(again.Get<MasterIdentity>().ReadOnly);
        Assert.Equal(TenantState.Ready,
            (await again.Get<TenantSearch>().GetAsync(Host.Admin, tenant.Id, Cancellation)).View!.Row.State);
    }

    // Makes a copy like a dump that was restored elsewhere: the same content in another database, with work in its
    // queue.
    private async Task<(Tenant Tenant, PostgresUrl Copy)> CopyAsync()
    {
        var tenant = await ReadyAsync(NewName("original"));
        await Host.PauseWorkersAsync(true);
        var seen = TenantDetails.Of(tenant);
        await Host.Get<TenantEditing>()
            .UpdateAsync(Host.Admin, tenant.Id, seen, seen with { MaxUsers = 77 }, Cancellation);
        var copy = await Server.CreateDatabaseAsync($"copy_{Guid.NewGuid():n}", null, Cancellation);
        await Psql.CopyAsync(Host.Master, Server.SuperuserUrl(copy.Database), Cancellation);
        foreach (var master in new[] { copy.Database, Host.Master.Database })
        {
            await PostgresServer.ExecuteAsync(
                Server.SuperuserUrl(master), "UPDATE portal.instance SET workers_paused = false", Cancellation);
        }

        return (tenant, copy);
    }
}
