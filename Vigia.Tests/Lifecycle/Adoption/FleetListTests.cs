using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Adoption;

/// <summary>The list of what could be adopted is bounded, and looks at databases run one at a time.</summary>
public sealed class FleetListTests(PostgresServer server) : AdoptionTestBase(server)
{
    [Fact]
    public async Task ReadFirst_ManyTenants_ReadsTheFirstByNameAndCounts()
    {
        await AddAsync(130);

        var page = await Host.Get<FleetList>().ReadFirstAsync(Host.Admin, Cancellation);
        var plan = await Host.Get<FleetList>().PlanAsync(Host.Admin, Cancellation);

        Assert.Equal((FleetList.PageSize, 130, true), (page.Items.Count, page.Total, page.TotalIsExact));
        Assert.Equal(["Álamo 001", "alamo 002", "Álamo 003"], page.Items.Take(3).Select(t => t.Name));
        Assert.Equal(130, plan.Tenants.Count);
        Assert.InRange(plan.Cost.Time.TotalSeconds, 130 * 0.4, 130 * 2);
    }

    [Fact]
    public async Task ReadFirst_PlansNoSortOfAllRows()
    {
        await AddAsync(12_000);
        await AsSuperuserAsync(Host.Master.Database, "ANALYZE clientes_saas");
        var statements = new ReadStatements();
        var list = new FleetList(
            statements.Factory(Host), Microsoft.Extensions.Options.Options.Create(
                new Core.Lifecycle.SchemaUpgrades.SchemaOptions()),
            Microsoft.Extensions.Options.Options.Create(new AdoptionOptions { Enabled = true }));

        var page = await list.ReadFirstAsync(Host.Admin, Cancellation);

        Assert.Equal((10_000, false), (page.Total, page.TotalIsExact));
        var plan = (await statements.ExplainAsync(
            Server.SuperuserUrl(Host.Master.Database), Cancellation, analyze: true))[0];
        Assert.True(ReadStatements.MostRows(plan) <= 2 * FleetList.PageSize, plan);
    }

    [Fact]
    public async Task FindTenant_NameFromTheSubdomain_UsesAnIndex()
    {
        var id = await Host.ScalarAsync<int>(Host.Master.Database, $"""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso)
            VALUES ('{NewRuc()}', 'Sin nombre', 'sinnombre', 'a@b.pe') RETURNING id
            """);
        var service = Host.Get<AdoptionService>();

        Assert.Equal(id, await service.FindTenantAsync(Host.Admin, "vigia_sinnombre", Cancellation));
        Assert.Null(await service.FindTenantAsync(Host.Admin, "sinnombre", Cancellation));
        var names = AdoptionRules.Names("vigia_sinnombre").ToString();
        Assert.DoesNotContain("\"vigia_\" +", names, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_OneIsRunning_AnotherOfTheSamePersonIsRefused()
    {
        var (database, id) = await AdoptedAsync();
        await ConfirmAsync(id);
        var (other, next) = await AdoptableAsync();
        var service = Host.Get<AdoptionService>();
        Func<Task>[] looks =
        [
            () => service.InspectAsync(Host.Admin, database.Name, Cancellation),
            () => service.InspectTenantAsync(Host.Admin, next, Cancellation),
            () => service.AdoptAsync(Host.Admin, next, Approved, Cancellation),
            () => Host.Get<AdoptionFollowUps>().PlanCompletionAsync(Host.Admin, id, Cancellation),
        ];

        using (Host.Get<OneAtATime>().Begin(Host.Admin.Id, HeavyCall.Inspection))
        {
            foreach (var look in looks)
            {
                Assert.Equal("inspection_running",
                    (await Assert.ThrowsAsync<AlreadyRunningException>(look)).Reason.Code);
            }
        }

        foreach (var look in looks)
        {
            await look();
        }

        Assert.NotEmpty(other.Name);
    }

    // The name that a person approved is with each tenant, so that no operation carries all of them.
    [Fact]
    public async Task Start_ApprovedNames_AreWithTheTenants()
    {
        var (database, id) = await AdoptableAsync();

        var operation = await Host.Get<FleetAdoption>().StartAsync(Host.Admin, [id], Approved, Cancellation);

        Assert.Equal(database.Name, await Host.ScalarAsync<string>(
            Host.Master.Database,
            $"SELECT database_name FROM portal.operation_items WHERE operation_id = '{operation}'"));
        Assert.Equal(0L, await Host.ScalarAsync<long>(
            Host.Master.Database, $"""
            SELECT count(*) FROM portal.operations WHERE id = '{operation}' AND data::text LIKE '%{database.Name}%'
            """));
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        Assert.Equal(TenantState.Ready, (await RowAsync(id)).State);
    }

    private Task AddAsync(int count) => AsSuperuserAsync(Host.Master.Database, $"""
        INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, db_name)
        SELECT (20400000000 + i)::text, (CASE i % 2 WHEN 1 THEN 'Álamo ' ELSE 'alamo ' END) || lpad(i::text, 3, '0'),
            'flota' || i, 'a@b.pe', 'flota_' || i FROM generate_series(1, {count}) i
        """);
}
