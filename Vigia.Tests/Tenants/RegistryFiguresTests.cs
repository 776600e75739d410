using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

public sealed class RegistryFiguresTests(PostgresServer server)
{
    /// <summary>
    /// Indexes alone answer what the panel asks. The planner is kept from reading a table of this size instead.
    /// </summary>
    [Theory]
    [InlineData("ready", "unmanaged")]
    [InlineData("unmanaged", "ready")]
    public async Task Count_OfVeryMany_ReadsIndexesOnly(string most, string few)
    {
        await using var host = await CoreHost.StartAsync(server, workers: false);
        var cancellation = TestContext.Current.CancellationToken;
        var master = server.SuperuserUrl(host.Master.Database);
        await PostgresServer.ExecuteAsync(
            master,
            $"""
            SET session_replication_role = replica;
            INSERT INTO clientes_saas (
                ruc, razon_social, subdominio, correo_acceso, plan, state, is_active, server_id, db_name,
                schema_version, expires_at, created_at, config)
            SELECT '20' || lpad(i::text, 9, '0'), 'Botica ' || i, 'c-' || i, 'a@c.pe', 'basico',
                CASE WHEN i % 300 = 0 THEN '{few}' ELSE '{most}' END, true, 1, 'vigia_c-' || i, 1,
                CASE WHEN i % 500 = 1 THEN now() - interval '1 day' END, now(),
                jsonb_build_object('modulos', repeat(md5(i::text), 12))
            FROM generate_series(1, 30000) i;
            INSERT INTO portal.tenant_search (id, folded)
            SELECT id, portal.search_text(ruc, razon_social, subdominio, correo_acceso) FROM clientes_saas;
            INSERT INTO portal.databases (id, server_id, name, kind, tenant_id, schema_version, created_at)
            SELECT gen_random_uuid(), 1, db_name, 'tenant', id, 1, now() FROM clientes_saas WHERE state = 'ready';
            INSERT INTO portal.observed_databases (server_id, name, is_present, changed_at)
            SELECT 1, name, name NOT LIKE '%00', now() FROM portal.databases
            """, cancellation);
        foreach (var table in new[] { "public.clientes_saas", "portal.databases", "portal.observed_databases" })
        {
            await PostgresServer.ExecuteAsync(master, "VACUUM ANALYZE " + table, cancellation);
        }

        await PostgresServer.ExecuteAsync(
            master, $"ALTER DATABASE \"{host.Master.Database}\" SET enable_seqscan = off", cancellation);
        var statements = new ReadStatements();

        var figures = await new RegistryFigures(statements.Factory(host), TimeProvider.System)
            .CountAsync(host.Admin, cancellation);

        Assert.Equal(30_000, figures.Total);
        var plans = await statements.ExplainAsync(host.Master, cancellation, analyze: true);
        Assert.True(plans[0].Contains("Only Scan using ix_clientes_saas_figures", StringComparison.Ordinal), plans[0]);
        foreach (var plan in plans)
        {
            Assert.False(plan.Contains("Seq Scan on clientes_saas", StringComparison.Ordinal), plan);
            Assert.True(ReadStatements.MostRemoved(plan) < 1_000, plan);
        }
    }

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
