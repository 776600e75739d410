using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>
/// A dead process does not renew its claims. These tests take claims and let them expire. An operation that crashes at
/// the same step every time is not taken over for ever, because it would end one process after the other.
/// </summary>
public sealed class CrashTests(PostgresServer server) : CoreTestBase(server)
{
    private const int Most = 2;

    protected override bool Workers => false;

    private OperationClaims Claims => Host.Get<OperationClaims>();

    protected override void Configure(IServiceCollection services) => services.Configure<OperationOptions>(o =>
    {
        o.MaxCrashes = Most;
        o.Lease = TimeSpan.FromSeconds(2);
        o.LongestBackOff = TimeSpan.FromMinutes(1);
    });

    [Fact]
    public void MaxCrashes_NothingIsSet_IsFive() => Assert.Equal(5, new OperationOptions().MaxCrashes);

    [Fact]
    public async Task Crashes_InARow_OperationFailsAndCanBeRetried()
    {
        var (tenant, operation) = await AskAsync("cae");
        await CrashAsync(Most);

        await RunAsync(await TakeOverAsync());

        var ended = await FindAsync(operation);
        Assert.Equal((OperationState.Failed, "operation_crashes", $"{Most}"),
            (ended.State, ended.Error?.Code, ended.Error?.Args[0]));
        Assert.Equal(TenantState.Failed, (await RowAsync(tenant)).State);
        Assert.Equal(1, await RecordsAsync(tenant, "operation.failed"));
        Assert.Null(await Claims.TryClaimAsync(Cancellation));
        await Host.Get<OperationService>().RetryAsync(Host.Admin, operation, Cancellation);
        await RunAsync((await Claims.TryClaimAsync(Cancellation))!);
        Assert.Equal(OperationState.Succeeded, (await FindAsync(operation)).State);
        Assert.Equal((TenantState.Ready, true),
            await RowAsync(tenant) is var row ? (row.State, row.IsActive) : default);
    }

    [Fact]
    public async Task Crashes_DuringCompensation_OperationFails()
    {
        var (tenant, operation) = await AskAsync("deshace");
        await Claims.TryClaimAsync(Cancellation);
        await Host.Get<OperationService>().CancelAsync(Host.Admin, operation, Cancellation);
        for (var crash = 1; crash < Most; crash++)
        {
            Assert.True((await TakeOverAsync()).Cancelling);
        }

        await RunAsync(await TakeOverAsync());

        var ended = await FindAsync(operation);
        Assert.Equal((OperationState.Failed, "operation_crashes"), (ended.State, ended.Error?.Code));
        Assert.Equal(TenantState.Failed, (await RowAsync(tenant)).State);
        await Host.Get<OperationService>().CancelAsync(Host.Admin, operation, Cancellation);
        await RunAsync((await Claims.TryClaimAsync(Cancellation))!);
        Assert.Equal(OperationState.Cancelled, (await FindAsync(operation)).State);
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Crashes_NormalStopOrFinishedStep_ResetsTheCount()
    {
        var (_, operation) = await AskAsync("sigue");
        await CrashAsync(1);
        var claim = await TakeOverAsync();
        Assert.Equal(1, claim.Crashes);

        // A process that stops in order gives its claim back, which does not count as a crash.
        await Claims.ReleaseAsync(claim, Cancellation);
        claim = (await Claims.TryClaimAsync(Cancellation))!;
        Assert.Equal(1, claim.Crashes);

        // A step that is done counts as progress. A failed step does not.
        var progress = Host.Get<OperationProgress>();
        await progress.SetStepStateAsync(claim, 0, StepState.Running, null, Cancellation);
        await progress.SetStepStateAsync(claim, 0, StepState.Failed, new("server_error", "XX000", "x"), Cancellation);
        Assert.Equal(1, (await FindAsync(operation)).Crashes);
        await progress.SetStepStateAsync(claim, 0, StepState.Done, null, Cancellation);
        Assert.Equal(0, (await FindAsync(operation)).Crashes);

        claim = await TakeOverAsync();
        Assert.Equal(1, claim.Crashes);
        await Claims.PauseAsync(claim, new NotYetException(new("children_run_out"), TimeSpan.Zero), Cancellation);
        Assert.Equal(0, (await Claims.TryClaimAsync(Cancellation))!.Crashes);
    }

    [Fact]
    public async Task Crashes_WorkOnMany_EachResultIsProgress()
    {
        var ids = await Host.AddActiveAsync(3);
        var operation = await Host.Get<TenantBulk>()
            .StartAsync(Host.Admin, new TenantBulkRequest(Suspends: true, "seguridad"), ids, Cancellation);
        await CrashAsync(1);
        var claim = await TakeOverAsync();
        Assert.Equal(1, claim.Crashes);

        // The operation waits at the second tenant. The first one is done.
        await using var gate = await Host.OpenMasterAsync();
        Task work;
        await using (await gate.Database.BeginTransactionAsync(Cancellation))
        {
            await gate.Database.ExecuteSqlAsync(
                $"SELECT FROM clientes_saas WHERE id = {ids[1]} FOR UPDATE", Cancellation);
            work = RunAsync(claim);
            await Eventually.HoldsAsync("the first is done", async () =>
                await Host.ScalarAsync<long>(
                    Host.Master.Database, "SELECT count(*) FROM portal.operation_items WHERE state = 'done'") == 1,
                    Cancellation);
            Assert.Equal(0, (await FindAsync(operation)).Crashes);
        }

        await work;
        Assert.Equal(OperationState.Succeeded, (await FindAsync(operation)).State);
    }

    [Theory]
    [InlineData("""
        CREATE FUNCTION public.test_refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'not here' USING ERRCODE = '23514'; END $$;
        CREATE TRIGGER test_refuse BEFORE UPDATE ON clientes_saas FOR EACH ROW WHEN (NEW.state = 'failed')
            EXECUTE FUNCTION public.test_refuse()
        """)]
    [InlineData("UPDATE portal.operations SET error = '[1]'")]
    public async Task Crashes_ConsequencesRefusedOrRowUnreadable_StillFails(string obstacle)
    {
        var (tenant, operation) = await AskAsync("terco");
        var claim = (await Claims.TryClaimAsync(Cancellation))!;
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), obstacle, Cancellation);

        await RunAsync(claim with { Crashes = Most });

        var ended = await FindAsync(operation);
        Assert.Equal((OperationState.Failed, "operation_crashes"), (ended.State, ended.Error?.Code));
        Assert.Equal(1, await RecordsAsync(tenant, "operation.failed"));
    }

    [Fact]
    public async Task Crashes_DuringCompensationWithAClosedTrail_IsDelayed()
    {
        var (_, operation) = await AskAsync("cerrado");
        var claim = (await Claims.TryClaimAsync(Cancellation))!;
        await Host.Get<OperationService>().CancelAsync(Host.Admin, operation, Cancellation);
        await CloseTrailAsync();

        await RunAsync(claim with { Cancelling = true, Crashes = Most });

        Assert.Null(await Claims.TryClaimAsync(Cancellation));
        var held = await FindAsync(operation);
        Assert.Equal((OperationState.Cancelling, "audit_closed"), (held.State, held.Error?.Code));
    }

    private async Task<(int Tenant, Guid Operation)> AskAsync(string stem)
    {
        var tenant = await RegisterAsync(NewName(stem));
        return (tenant, await Host.Get<TenantProvisioning>().ProvisionAsync(Host.Admin, tenant, Cancellation));
    }

    // The first claim is not a takeover.
    private async Task CrashAsync(int times)
    {
        Assert.NotNull(await Claims.TryClaimAsync(Cancellation));
        for (var crash = 1; crash < times; crash++)
        {
            Assert.Equal(crash, (await TakeOverAsync()).Crashes);
        }
    }

    private async Task<Claim> TakeOverAsync()
    {
        Claim? claim = null;
        await Eventually.HoldsAsync(
            "the lease runs out", async () => (claim = await Claims.TryClaimAsync(Cancellation)) is not null,
            Cancellation);
        return claim!;
    }

    private Task RunAsync(Claim claim) => Host.Get<OperationRunner>().RunAsync(claim, Cancellation);

    private async Task<Operation> FindAsync(Guid operation) =>
        await Host.Get<OperationService>().GetAsync(Host.Admin, operation, Cancellation);
}
