using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.SchemaUpgrades;

/// <summary>
/// A portal with one worker. An operation that waits for others must not block them. The portal also upgrades all
/// tenants when it starts.
/// </summary>
public sealed class OneWorkerTests(PostgresServer server) : SchemaUpgradeTestBase(server)
{
    protected override bool Workers => false;

    [Fact]
    public async Task MigrateAtStart_SettingIsOn_OneWorkerUpgradesAll()
    {
        await using (await StartAsync(atStart: false))
        {
            await BehindAsync(3);
            Assert.Equal(0, await CountAsync("operations WHERE kind = 'migrate_tenants'"));
        }

        await using var after = await StartAsync(atStart: true);

        await Eventually.HoldsAsync(
            "it has ended", async () =>
            await CountAsync("operations WHERE kind = 'migrate_tenants' AND state = 'succeeded'") == 1, Cancellation);
        var figures = await Host.Get<SchemaOverview>().CountAsync(Host.Support, Cancellation);
        Assert.Equal((Head, 3, 0, null),
            (figures.Head, figures.Total, figures.Behind, figures.Upgrade));
        Assert.Equal(3, await CountAsync(
            "operations WHERE kind = 'migrate_tenant' AND state = 'succeeded' AND priority = 10"));
    }

    [Fact]
    public async Task Claim_RequestOfANewerBuild_IsLeftToIt()
    {
        var tenant = await Host.AddTenantAsync(NewName("futuro"));
        await using (var db = await Host.OpenMasterAsync())
        {
            Host.Get<OperationQueue>()
                .Enqueue(db, Host.Admin, MigrateTenant.KindName, tenant, new { Target = Head + 1 });
            await db.SaveChangesAsync(Cancellation);
        }

        await using var portal = await StartAsync(atStart: true);

        await Eventually.HoldsAsync(
            "it rests", async () =>
            await CountAsync("operations WHERE kind = 'migrate_tenant' AND state = 'queued' "
                + "AND not_before IS NOT NULL AND error IS NULL AND attempt = 0") == 1, Cancellation);
        Assert.Equal("schema_needs_newer_portal",
            await Host.ScalarAsync<string>(
            Host.Master.Database, "SELECT detail ->> 'Code' FROM portal.operation_steps WHERE name = 'migrate'"));
    }

    private Task<CoreHost> StartAsync(bool atStart) => CoreHost.StartAsync(Server, workers: true, services =>
    {
        NextBuild.Use(services);
        services.Configure<OperationOptions>(o => o.Workers = 1);
        services.Configure<SchemaOptions>(o => o.MigrateAtStart = atStart);
    }, Host.Master);
}
