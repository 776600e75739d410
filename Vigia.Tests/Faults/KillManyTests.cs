using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.SchemaUpgrades;

namespace Vigia.Tests.Faults;

/// <summary>Work on many tenants, killed in the middle.</summary>
public sealed class KillManyTests(PostgresServer server) : KillTestBase(server)
{
    [Fact]
    public async Task SuspendMany_KilledInTheMiddle_EachIsDoneOnce()
    {
        var ids = await Host.AddActiveAsync(12);
        var operation = await Host.Get<TenantBulk>()
            .StartAsync(Host.Admin, new TenantBulkRequest(Suspends: true, "seguridad"), ids, Cancellation);
        foreach (var at in new[] { 3, 8 })
        {
            await using var gate =
                await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
            await ExecuteAsync(gate, $"BEGIN; SELECT FROM clientes_saas WHERE id = {ids[at]} FOR UPDATE");
            await using var portal = await StartPortalAsync();
            await Eventually.HoldsAsync($"{at} are done", async () =>
                await Host.ScalarAsync<long>(
                    Host.Master.Database, "SELECT count(*) FROM portal.operation_items WHERE state = 'done'") == at,
                    Cancellation, TimeSpan.FromSeconds(60));
            await portal.KillAsync(Cancellation);
        }

        await using (await StartWorkersAsync())
        {
            var ended = await Host.EndOfAsync(operation);
            Assert.True(ended.State == OperationState.Succeeded, $"{ended.State}: {ended.Error}");
        }

        foreach (var id in ids)
        {
            Assert.False((await RowAsync(id)).IsActive);
            Assert.Equal(1, await RecordsAsync(id, "tenant.suspended"));
        }
    }

    [Fact]
    public async Task UpgradeMany_KilledInTheMiddle_EachIsDoneOnce()
    {
        var tenants = new List<Tenant>();
        await using (await StartWorkersAsync())
        {
            foreach (var i in Enumerable.Range(0, 4))
            {
                tenants.Add(await ProvisionWithAsync(NewName($"suben{i}")));
                await OldSchema.MakeAsync(Host, tenants[i], Cancellation);
            }
        }

        // One tenant waits for a lock in its database, the others are done. Then the process dies while both operations
        // run.
        await using var gate =
            await PostgresServer.OpenAsync(Server.SuperuserUrl(tenants[1].DatabaseName!), Cancellation);
        await ExecuteAsync(gate, "BEGIN; SELECT FROM public.\"__EFMigrationsHistory\"");
        var operation = await Host.Get<SchemaUpgradeService>().StartAsync(Host.Admin, null, Cancellation);
        await using (var portal = await StartPortalAsync())
        {
            await Eventually.HoldsAsync("three are done and one waits", async () =>
                await Host.ScalarAsync<long>(
                    Host.Master.Database, "SELECT count(*) FROM portal.operation_items WHERE state = 'done'") == 3
                && await Host.ScalarAsync<long>("postgres", """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE application_name LIKE 'Vigia operation %' AND wait_event_type = 'Lock'
                    """) == 1,
                Cancellation, TimeSpan.FromSeconds(60));
            await portal.KillAsync(Cancellation);
        }

        await gate.DisposeAsync();
        await using (await StartWorkersAsync())
        {
            var ended = await Host.EndOfAsync(operation);
            Assert.True(ended.State == OperationState.Succeeded, $"{ended.State}: {ended.Error}");
        }

        foreach (var tenant in tenants)
        {
            Assert.Equal(NextBuild.Versions.Head, (await RowAsync(tenant.Id)).SchemaVersion);
            Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.schema_migrated"));
        }

        await WorldCheck.AssertAgreesAsync(Host);
    }
}
