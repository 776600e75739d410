using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>
/// A cancellation, a broken connection or a suspension comes between the work of the last step and its record. The
/// registry must still be correct afterwards.
/// </summary>
public sealed class LateCancelTests(PostgresServer server) : CoreTestBase(server)
{
    private OperationService Service => Host.Get<OperationService>();

    [Fact]
    public async Task Cancel_BeforeTheEnd_CompensatesEverything()
    {
        await using var gate = await StepGate.CloseAsync(Host, "create_admin");
        var registered = await StartAsync("antes");
        await gate.ReachedAsync();
        await Service.CancelAsync(Host.Admin, registered.OperationId!.Value, Cancellation);

        var ended = await Host.EndOfAsync(registered.OperationId.Value);

        Assert.Equal(OperationState.Cancelled, ended.State);
        Assert.All(ended.Steps.Where(s => s.Attempt > 0), s => Assert.Equal(StepState.Compensated, s.State));
        var row = await RowAsync(registered.TenantId);
        Assert.Equal((TenantState.Registered, false), (row.State, row.IsActive));
        Assert.Equal(0L, await Host.ScalarAsync<long>(
            "postgres", $"SELECT count(*) FROM pg_database WHERE datname = '{row.DatabaseName}'"));
        Assert.Equal(0L, await Host.ScalarAsync<long>(
            Host.Master.Database, "SELECT count(*) FROM portal.tenant_credentials"));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Cancel_TenantAlreadyReady_IsTooLateAndUndoesNothing()
    {
        await using var gate = await StepGate.CloseAsync(Host, "verify_and_make_ready");
        var registered = await StartAsync("tarde");
        await gate.ReachedAsync();
        await CancelAndBeNoticedAsync(registered.OperationId!.Value, "verify_and_make_ready");
        await gate.OpenAsync();

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(registered.OperationId.Value)).State);
        var row = await RowAsync(registered.TenantId);
        Assert.Equal((TenantState.Ready, true), (row.State, row.IsActive));
        Assert.Equal(1, await RecordsAsync(row.Id, "tenant.provisioned"));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Cancel_TenantAlreadyInTheTrash_IsTooLate()
    {
        var tenant = await ReadyAsync(NewName("basura"));
        await using var gate = await StepGate.CloseAsync(Host, "trash");
        var operation = await Host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, tenant.Id, new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword),
            Cancellation);
        await gate.ReachedAsync();
        await CancelAndBeNoticedAsync(operation, "trash");
        await gate.OpenAsync();

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        Assert.False(await Host.ScalarAsync<bool>(
            Host.Master.Database,
            "SELECT datallowconn FROM pg_database JOIN portal.databases ON name = datname "
            + $"WHERE tenant_id = {tenant.Id}"));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Cancel_AfterTheRename_RestoresTheDatabaseName()
    {
        var tenant = await ReadyAsync(NewName("vuelve"));
        await using var gate = await StepGate.CloseBeforeInsertAsync(Host, "portal.tenant_trash");
        var operation = await Host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, tenant.Id, new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword),
            Cancellation);
        await gate.ReachedAsync();
        Assert.Equal(0L, await Host.ScalarAsync<long>(
            "postgres", $"SELECT count(*) FROM pg_database WHERE datname = '{tenant.DatabaseName}'"));

        await Service.CancelAsync(Host.Admin, operation, Cancellation);

        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(operation)).State);
        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true), (row.State, row.IsActive));
        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Verify_RepeatedAfterASuspension_StaysSuspended()
    {
        await using var gate = await StepGate.CloseAsync(Host, "verify_and_make_ready");
        var registered = await StartAsync("suspendido");
        await gate.ReachedAsync();
        await Host.Get<TenantActivation>()
            .SuspendAsync(Host.Admin, registered.TenantId, "falta_de_pago", "dos meses", Cancellation);
        await gate.BreakAsync();
        await gate.OpenAsync();

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(registered.OperationId!.Value)).State);
        Assert.False((await RowAsync(registered.TenantId)).IsActive);
        Assert.Equal(1, await RecordsAsync(registered.TenantId, "tenant.provisioned"));
    }

    // The worker stops waiting. Then the step begins again, or the operation ends.
    private async Task CancelAndBeNoticedAsync(Guid operation, string step)
    {
        await Service.CancelAsync(Host.Admin, operation, Cancellation);
        await Eventually.HoldsAsync("the worker has noticed", async () =>
        {
            var now = await Service.GetAsync(Host.Admin, operation, Cancellation);
            return now.State != OperationState.Cancelling || now.Steps.Single(s => s.Name == step).Attempt > 1;
        }, Cancellation);
    }

    private async Task<RegisteredTenant> StartAsync(string stem) =>
        await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName(stem), r => r with { Provision = true }), Cancellation);
}
