using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

public sealed class RegistryFiguresTests(PostgresServer server)
{
    [Fact]
    public async Task Count_TenantsOfEveryStatus_MatchesTheLists()
    {
        await using var host = await CoreHost.StartAsync(server, workers: false);
        string[] rows =
        [
            "state = 'ready', is_active = true",
            "state = 'ready', is_active = true, db_name = 'vigia_no_hay_tal'",
            "state = 'ready', is_active = true, expires_at = now() - interval '1 day'",
            "state = 'ready', is_active = false",
            "state = 'ready', is_active = false, inactive_kind = 'suspended'",
            "state = 'ready', is_active = false, inactive_kind = 'suspended', db_name = 'vigia_tampoco_hay'",
            "state = 'ready', is_active = false, inactive_kind = 'expired'",
            "state = 'ready', is_active = false, inactive_kind = 'withdrawn'",
            "state = 'registered', is_active = false, inactive_kind = 'suspended'",
            "state = 'registered', plan = 'profesional'",
            "state = 'provisioning', plan = NULL",
            "state = 'registered', expires_at = now() - interval '1 day'",
            "state = 'failed'",
            "state = 'failed', is_active = false, inactive_kind = 'withdrawn'",
            "state = 'deleting', is_active = false",
            "state = 'deleting', is_active = false, inactive_kind = 'withdrawn'",
            "state = 'unmanaged'",
            "state = 'unmanaged', is_active = false",
            "state = 'ready', is_active = true, db_name = 'vigia_sin_acceso'",
        ];
        var databases = new List<string>();
        foreach (var row in rows)
        {
            var tenant = await host.AddTenantAsync($"cifra-{Guid.NewGuid().ToString("n")[..8]}");
            databases.Add((await server.CreateDatabaseAsync(
                null, null, TestContext.Current.CancellationToken)).Database);
            await host.ScalarAsync<int>(
                host.Master.Database,
                $"UPDATE public.clientes_saas SET db_name = '{databases[^1]}' WHERE id = {tenant.Id}; "
                + $"UPDATE public.clientes_saas SET {row} WHERE id = {tenant.Id}");
        }

        await host.ScalarAsync<int>(host.Master.Database, """
            INSERT INTO portal.databases (id, server_id, name, kind, tenant_id, created_at)
            SELECT gen_random_uuid(), 1, db_name, 'tenant', id, now() FROM public.clientes_saas WHERE state = 'ready';
            UPDATE portal.observed_databases SET is_present = false, changed_at = now() WHERE name LIKE '%hay%';
            UPDATE portal.observed_databases SET refusal = 'closed', changed_at = now() WHERE name LIKE '%acceso'
            """);

        var figures = await host.Get<RegistryFigures>().CountAsync(host.Support, TestContext.Current.CancellationToken);

        Assert.Equal(rows.Length - 1, figures.Total);
        Assert.Equal((1, 0, (DateTimeOffset?)null), (figures.Withdrawn, figures.Trashed, figures.NextPurge));
        Assert.Equal(2, figures.Unmanaged);
        Assert.Equal(2, await TotalAsync(host, new TenantQuery { IsManaged = false }));
        Assert.Equal(1, figures.ByStatus[TenantStatus.Unreachable]);
        Assert.Equal(1, figures.ByStatus[TenantStatus.DatabaseMissing]);
        Assert.Equal((rows.Length - 3, 1, 1),
            (figures.ByPlan["basico"], figures.ByPlan["profesional"], figures.ByPlan[""]));
        foreach (var status in new[]
        {
            TenantStatus.Active, TenantStatus.Suspended, TenantStatus.Expired, TenantStatus.DatabaseMissing,
            TenantStatus.Provisioning, TenantStatus.Failed,
            TenantStatus.Registered, TenantStatus.Deleting, TenantStatus.Unreachable,
        })
        {
            var listed = await ListAsync(host, new TenantQuery { Status = status });
            Assert.All(listed.Items, tenant => Assert.Equal(status, tenant.Status));
            Assert.Equal((status, await TotalAsync(host, new TenantQuery { Status = status })),
                (status, figures.ByStatus.GetValueOrDefault(status)));
        }

        foreach (var (plan, count) in figures.ByPlan)
        {
            Assert.Equal((plan, count),
                (plan, await TotalAsync(
                host, new TenantQuery { Plan = plan.Length == 0 ? TenantQuery.NoPlan : plan })));
        }

        Assert.Equal(figures.Withdrawn, await TotalAsync(host, new TenantQuery { Status = TenantStatus.Withdrawn }));
        Assert.Equal(figures.Total, await TotalAsync(host, new TenantQuery()));
        foreach (var database in databases)
        {
            await server.DropDatabaseAsync(database, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<int> TotalAsync(CoreHost host, TenantQuery query) =>
        (await ListAsync(host, query)).Total;

    private static Task<TenantPage> ListAsync(CoreHost host, TenantQuery query) =>
        host.Get<TenantSearch>().SearchAsync(host.Admin, query, TestContext.Current.CancellationToken);
}
