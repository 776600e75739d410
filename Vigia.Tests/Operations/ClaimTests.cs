using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Lifecycle.Limits;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>Claims from the queue in PostgreSQL: order, loss and takeover. See docs/rules.md#operation-queue.</summary>
public sealed class ClaimTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    private OperationClaims Claims => Host.Get<OperationClaims>();

    [Fact]
    public async Task Claim_TenWorkersAtOnce_OneGetsIt()
    {
        await EnqueueAsync(await RegisterAsync(NewName("uno")));

        var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Claims.TryClaimAsync(Cancellation)));

        Assert.Single(claims, c => c is not null);
    }

    [Fact]
    public async Task Claim_TwoOperationsOfOneTenant_RunOneAfterTheOther()
    {
        var tenant = await RegisterAsync(NewName("dos"));
        await EnqueueAsync(tenant);
        await EnqueueAsync(tenant, ApplyLimitsKind);

        var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Claims.TryClaimAsync(Cancellation)));
        var claim = Assert.Single(claims, c => c is not null)!;
        Assert.Null(await Claims.TryClaimAsync(Cancellation));
        await SetAsync(claim.Id, "state = 'succeeded'");

        Assert.NotNull(await Claims.TryClaimAsync(Cancellation));
    }

    [Fact]
    public async Task Enqueue_SameKindAlreadyQueued_IsRefusedByTheIndex()
    {
        var tenant = await RegisterAsync(NewName("tres"));
        await EnqueueAsync(tenant);

        var refused = await Assert.ThrowsAsync<DbUpdateException>(() => EnqueueAsync(tenant));

        Assert.Equal(PostgresErrorCodes.UniqueViolation,
            Assert.IsType<PostgresException>(refused.InnerException).SqlState);
    }

    [Fact]
    public async Task Claim_EarlierBackgroundWork_PersonsWorkGoesFirst()
    {
        await EnqueueAsync(await RegisterAsync(NewName("fondo")), ApplyLimitsKind, OperationQueue.Background);
        var person = await EnqueueAsync(await RegisterAsync(NewName("persona")), ApplyLimitsKind);

        Assert.Equal(person, (await Claims.TryClaimAsync(Cancellation))!.Id);
    }

    [Fact]
    public async Task Claim_AHundredThousandQueued_ReadsTheQueueInItsOrder()
    {
        await OperationRows.AddAsync(Host, 100_000, "'queued'", "NULL");
        await using var connection = await PostgresServer.OpenAsync(Host.Master, Cancellation);
        var plan = await ReadStatements.ExplainAsync(
            connection, OperationClaims.ClaimSql,
            [new() { Value = "worker" }, new() { Value = TimeSpan.FromSeconds(3) },
                new() { Value = new[] { "prune_history", ApplyLimitsKind.Code } }], Cancellation, analyze: true);

        Assert.Contains("ix_operations_queue", plan, StringComparison.Ordinal);
        Assert.True(ReadStatements.MostRows(plan) < 10, plan);
        Assert.DoesNotContain("Seq Scan on operations", plan, StringComparison.Ordinal);
        var claims = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Claims.TryClaimAsync(Cancellation)));
        Assert.Equal(4, claims.OfType<Claim>().DistinctBy(c => c.Id).Count());
    }

    /// <summary>A claim does not read operations that can't be claimed now, however many there are.</summary>
    [Theory]
    [InlineData("UPDATE portal.instance SET workers_paused = true")]
    [InlineData("UPDATE portal.database_servers SET not_before = now() + interval '1 hour'")]
    [InlineData("UPDATE portal.operations SET not_before = now() + interval '1 hour'")]
    [InlineData("UPDATE portal.operations SET state = 'waiting'")]
    [InlineData("UPDATE portal.operations SET state = 'cancelling', lease_until = now() + interval '1 hour'")]
    public async Task Claim_VeryManyThatMayNotBeTaken_LooksAtNoneOfThem(string why)
    {
        await OperationRows.AddAsync(Host, 20_000, "'queued'", "NULL");
        var master = Server.SuperuserUrl(Host.Master.Database);
        await PostgresServer.ExecuteAsync(master, "SET session_replication_role = replica; " + why, Cancellation);
        await PostgresServer.ExecuteAsync(master, "VACUUM ANALYZE portal.operations", Cancellation);
        await using var connection = await PostgresServer.OpenAsync(Host.Master, Cancellation);

        var plan = await ReadStatements.ExplainAsync(
            connection, OperationClaims.ClaimSql,
            [new() { Value = "worker" }, new() { Value = TimeSpan.FromSeconds(3) },
                new() { Value = new[] { "prune_history", ApplyLimitsKind.Code } }], Cancellation, analyze: true);

        Assert.True(ReadStatements.MostRows(plan) < 10, plan);
        Assert.True(ReadStatements.MostRemoved(plan) < 10, plan);
        Assert.Null(await Claims.TryClaimAsync(Cancellation));
    }

    [Fact]
    public async Task Claim_DelayedOnesThatAreDue_GoFirstAmongTheirPriority()
    {
        var fresh = await EnqueueAsync(await RegisterAsync(NewName("nueva")), ApplyLimitsKind);
        var due = await EnqueueAsync(await RegisterAsync(NewName("vencida")), ApplyLimitsKind);
        var later = await EnqueueAsync(await RegisterAsync(NewName("despues")), ApplyLimitsKind);
        var behind =
            await EnqueueAsync(await RegisterAsync(NewName("fondo")), ApplyLimitsKind, OperationQueue.Background);
        await SetAsync(due, "not_before = now() - interval '1 second'");
        await SetAsync(later, "not_before = now() + interval '1 hour'");
        await SetAsync(behind, "not_before = now() - interval '1 minute'");

        Assert.Equal(due, (await Claims.TryClaimAsync(Cancellation))!.Id);
        Assert.Equal(fresh, (await Claims.TryClaimAsync(Cancellation))!.Id);
        Assert.Equal(behind, (await Claims.TryClaimAsync(Cancellation))!.Id);
        Assert.Null(await Claims.TryClaimAsync(Cancellation));
    }

    [Fact]
    public async Task Claim_WorkersPaused_ClaimsNothingUntilResumed()
    {
        await EnqueueAsync(await RegisterAsync(NewName("pausa")));
        await Host.PauseWorkersAsync(true);
        Assert.Null(await Claims.TryClaimAsync(Cancellation));

        await Host.PauseWorkersAsync(false);

        Assert.NotNull(await Claims.TryClaimAsync(Cancellation));
    }

    [Fact]
    public async Task Lease_Expired_IsTakenOverAndTheFormerWorkerIsFenced()
    {
        await EnqueueAsync(await RegisterAsync(NewName("plazo")));
        var former = (await Claims.TryClaimAsync(Cancellation))!;
        var fence = Host.Get<OperationFence>();
        await using var left = await fence.OpenAsync(former, 1, Host.Master.Database, Cancellation);
        Assert.Null(await Claims.TryClaimAsync(Cancellation));

        Claim? latter = null;
        await Eventually.HoldsAsync(
            "the lease runs out", async () => (latter = await Claims.TryClaimAsync(Cancellation)) is not null,
            Cancellation);
        await fence.EndEarlierSessionsAsync(latter!, 1, Cancellation);

        Assert.Equal((former.Id, former.Epoch + 1, true), (latter!.Id, latter.Epoch, latter.IsTakeOver));
        await using (var acting = new NpgsqlCommand("SELECT 1", left))
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => acting.ExecuteScalarAsync(Cancellation));
        }

        await Assert.ThrowsAsync<OperationLostException>(
            () => fence.OpenAsync(former, 1, Host.Master.Database, Cancellation));
        await Assert.ThrowsAsync<OperationLostException>(
            () => Host.Get<OperationProgress>().SetStepStateAsync(former, 0, StepState.Running, null, Cancellation));
        Assert.Null(await Claims.RenewAsync(former, Cancellation));
        Assert.False(await Claims.RenewAsync(latter, Cancellation));
    }

    [Fact]
    public async Task Fence_TwoSessionsInOneDatabase_SecondWaitsForTheFirst()
    {
        await EnqueueAsync(await RegisterAsync(NewName("cerca")));
        var claim = (await Claims.TryClaimAsync(Cancellation))!;
        var fence = Host.Get<OperationFence>();
        var first = await fence.OpenAsync(claim, 1, Host.Master.Database, Cancellation);
        var second = fence.OpenAsync(claim, 1, Host.Master.Database, Cancellation);
        await Eventually.HoldsAsync("both are connected", async () => await Host.ScalarAsync<long>(
            "postgres",
            $"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'Vigia operation {claim.Id}'") == 2,
            Cancellation);
        Assert.False(second.IsCompleted);

        await first.DisposeAsync();

        await (await second).DisposeAsync();
    }

    private static readonly OperationKind ApplyLimitsKind = ApplyLimitsOperation.KindName;

    private async Task<Guid> EnqueueAsync(
        int tenantId, OperationKind? kind = null, int priority = OperationQueue.Person)
    {
        await using var db = await Host.OpenMasterAsync();
        var tenant = await db.Set<Tenant>().SingleAsync(t => t.Id == tenantId, Cancellation);
        var operation = Host.Get<OperationQueue>().Enqueue(
            db, Host.Admin, kind ?? ProvisionTenant.KindName, tenant, null, priority);
        await db.SaveChangesAsync(Cancellation);
        return operation.Id;
    }

    private Task SetAsync(Guid operation, string change) =>
        PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database),
            $"UPDATE portal.operations SET {change} WHERE id = '{operation}'", Cancellation);
}
