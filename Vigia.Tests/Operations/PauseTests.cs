using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>
/// A step that can't continue yet pauses its operation. The event that it waits for resumes the operation at once.
/// </summary>
public sealed class PauseTests(PostgresServer server) : CoreTestBase(server)
{
    private static readonly NotYetException NotYet =
        new(new Message("items_progress", "1", "3"), TimeSpan.FromHours(1));

    protected override bool Workers => false;

    private OperationClaims Claims => Host.Get<OperationClaims>();

    [Fact]
    public async Task Paused_Operation_IsShownAsRunning()
    {
        var claim = await ClaimAsync("pausa");
        await Host.Get<OperationProgress>().SetStepStateAsync(claim, 0, StepState.Running, null, Cancellation);
        await Host.Get<OperationProgress>().SetDetailAsync(claim, NotYet.Detail, 33, Cancellation);
        var started = (await OperationAsync(claim.Id)).Steps.First().StartedAt;

        await Claims.PauseAsync(claim, NotYet, Cancellation);

        var paused = await OperationAsync(claim.Id);
        Assert.Equal((OperationState.Queued, OperationState.Running, 0, 33),
            (paused.State, paused.ShownState, paused.Attempt, paused.Progress));
        Assert.Equal((StepState.Running, NotYet.Detail), (paused.Steps.First().State, paused.Steps.First().Detail));
        Assert.False(OperationService.CanRetry(paused));
        Assert.Null(await Claims.TryClaimAsync(Cancellation));
        Assert.Equal([claim.Id],
            (await Host.Get<OperationService>()
            .ListAsync(Host.Admin, new OperationQuery { States = [OperationState.Running] },
            Cancellation)).Items.Select(o => o.Id));
        Assert.Empty((await Host.Get<OperationService>()
            .ListAsync(Host.Admin, new OperationQuery { States = [OperationState.Queued] }, Cancellation)).Items);
        Assert.Equal(1, (await Host.Get<OperationService>()
            .CountAsync(Host.Admin, DateTimeOffset.UnixEpoch, Cancellation))[OperationState.Running]);

        await Claims.WakeAsync(claim.Id, Cancellation);
        var again = (await Claims.TryClaimAsync(Cancellation))!;
        await Host.Get<OperationProgress>().SetStepStateAsync(again, 0, StepState.Running, null, Cancellation);

        var resumed = await OperationAsync(claim.Id);
        Assert.Equal((OperationState.Running, 1, 33), (resumed.State, resumed.Attempt, resumed.Progress));
        Assert.Equal((1, started), (resumed.Steps.First().Attempt, resumed.Steps.First().StartedAt));
    }

    [Fact]
    public async Task Pause_WokenWhileRunning_DoesNotPause()
    {
        var claim = await ClaimAsync("despierta");
        await Claims.WakeAsync(claim.Id, Cancellation);

        await Claims.PauseAsync(claim, NotYet, Cancellation);

        Assert.Equal(claim.Id, (await Claims.TryClaimAsync(Cancellation))?.Id);
    }

    [Fact]
    public async Task Pause_CancelledMeanwhile_IsClaimedForCompensation()
    {
        var claim = await ClaimAsync("cancela");
        await Host.Get<OperationService>().CancelAsync(Host.Admin, claim.Id, Cancellation);

        await Claims.PauseAsync(claim, NotYet, Cancellation);

        Assert.Equal((claim.Id, true),
            await Claims.TryClaimAsync(Cancellation) is { } again ? (again.Id, again.Cancelling) : default);
    }

    [Fact]
    public async Task Wake_DelayedOrNotBegun_ChangesNothing()
    {
        var claim = await ClaimAsync("error");
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database),
            "UPDATE portal.operations SET state = 'queued', lease_until = NULL, not_before = now() + '1 hour', "
            + "error = '{\"Code\": \"server_unreachable\", \"Args\": []}'", Cancellation);

        await Claims.WakeAsync(claim.Id, Cancellation);

        var operation = await OperationAsync(claim.Id);
        Assert.Equal(OperationState.Queued, operation.ShownState);
        Assert.True(OperationService.CanRetry(operation));
        Assert.Null(await Claims.TryClaimAsync(Cancellation));
    }

    [Fact]
    public async Task Pause_SameKindQueuedForTheTenant_IsSuperseded()
    {
        var claim = await ClaimAsync("relevo");
        await EnqueueAsync((await OperationAsync(claim.Id)).TenantId!.Value);

        // A newer build requested the operation, so this build can't continue it.
        await Host.Get<OperationRunner>().RunAsync(claim, Cancellation);

        var over = await OperationAsync(claim.Id);
        Assert.Equal((OperationState.Cancelled, new Message("superseded")), (over.State, over.Error));
    }

    private async Task<Claim> ClaimAsync(string stem)
    {
        await EnqueueAsync(await RegisterAsync(NewName(stem)));
        return (await Claims.TryClaimAsync(Cancellation))!;
    }

    private async Task EnqueueAsync(int tenantId)
    {
        await using var db = await Host.OpenMasterAsync();
        Host.Get<OperationQueue>()
            .Enqueue(db, Host.Admin, new("migrate_tenant"),
            await db.Set<Tenant>().SingleAsync(t => t.Id == tenantId, Cancellation), new { Target = int.MaxValue });
        await db.SaveChangesAsync(Cancellation);
    }

    private Task<Operation> OperationAsync(Guid id) =>
        Host.Get<OperationService>().GetAsync(Host.Admin, id, Cancellation);
}
