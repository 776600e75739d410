using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.SchemaUpgrades;

/// <summary>The list of databases: counts, filters and pages, for any number of databases.</summary>
public sealed class SchemaOverviewTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    private SchemaOverview Fleet => Host.Get<SchemaOverview>();

    private int Head => Fleet.Head;

    protected override void Configure(IServiceCollection services) => NextBuild.Use(services);

    [Fact]
    public async Task List_EachFilterAndALimitedAuditor_ShowsTheMatchingOnly()
    {
        var ids = await AddAsync(300);
        await RegisterAsync(NewName("sinbase"));

        var figures = await Fleet.CountAsync(Host.Support, Cancellation);
        var behind = await Fleet.ListAsync(
            Host.Support, new SchemaQuery { Standing = SchemaStanding.Behind, PageSize = 200 }, Cancellation);
        var all = await Fleet.ListAsync(Host.Support, new SchemaQuery { Page = 3, PageSize = 120 }, Cancellation);
        var found = await Fleet.ListAsync(Host.Support, new SchemaQuery { Q = "FLOTA 00123" }, Cancellation);

        Assert.Equal((Head, 300, 100, 100), (figures.Head, figures.Total, figures.Behind, figures.Newer));
        Assert.Equal([Head + 1, Head, Head - 1], figures.ByVersion.Select(v => v.Key));
        Assert.Equal((100, 100), (behind.Total, behind.Items.Count));
        Assert.Equal(behind.Items.Select(d => d.LegalName).Order(StringComparer.Ordinal),
            behind.Items.Select(d => d.LegalName));
        Assert.All(behind.Items,
            d => Assert.Equal((Head - 1, SchemaStanding.Behind, d.Subdomain == "flota-3" ? "is_deleting" : null),
            (d.Version, d.Standing, d.Refusal)));
        Assert.Equal((300, 60), (all.Total, all.Items.Count));
        Assert.All(all.Items, d => Assert.Equal(SchemaStanding.Newer, d.Standing));
        Assert.Equal(("Flota 00123", "vigia_flota-123"),
            (found.Items.Single().LegalName, found.Items.Single().DatabaseName));
        Assert.Equal(2, (await Fleet.FindAsync(Host.Support, [ids[0], ids[1], 999_999], Cancellation)).Count);
        Assert.Empty((await Fleet.ListAsync(Host.Support, new SchemaQuery { Q = "\0" }, Cancellation)).Items);
        Assert.Empty((await Fleet.ListAsync(
            Host.Support, new SchemaQuery { Page = int.MaxValue, PageSize = 200 }, Cancellation)).Items);

        var limited = new Actor(
            Guid.NewGuid(), "Aurora Auditora", null, [StaffRoles.Auditor])
        { TenantScope = [ids[0], ids[1]] };
        Assert.Equal(2, (await Fleet.CountAsync(limited, Cancellation)).Total);
        Assert.Equal(2, (await Fleet.ListAsync(limited, new SchemaQuery(), Cancellation)).Total);

        var plan = await Host.Get<SchemaUpgradeService>().PlanAsync(Host.Admin, null, Cancellation);
        Assert.Equal((99, 1), (plan.Run, plan.Skipped.Single(s => s.Key == "is_deleting").Value));
    }

    [Fact]
    public async Task Figures_DatabaseMissingOrUnmanaged_IsNamedAndNotCounted()
    {
        var ids = await AddAsync(9);
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database),
            $"""
            INSERT INTO portal.observed_databases (server_id, name, is_present, changed_at)
            SELECT 1, db_name, false, now() FROM clientes_saas WHERE id IN ({ids[0]}, {ids[1]})
            ON CONFLICT (server_id, name) DO UPDATE SET is_present = false;
            UPDATE clientes_saas SET state = 'unmanaged' WHERE id = {ids[5]}
            """, Cancellation);

        var figures = await Fleet.CountAsync(Host.Support, Cancellation);
        var all = await Fleet.ListAsync(Host.Support, new SchemaQuery(), Cancellation);
        var plan = await Host.Get<SchemaUpgradeService>().PlanAsync(Host.Admin, null, Cancellation);

        Assert.Equal(6, figures.Total);
        Assert.Equal(figures.Total, all.Total);
        Assert.Equal(figures.Total, figures.ByVersion.Sum(v => v.Value));
        foreach (var (standing, count) in new[]
        {
            (SchemaStanding.Behind, figures.Behind), (SchemaStanding.Newer, figures.Newer),
            (SchemaStanding.Current, figures.Total - figures.Behind - figures.Newer),
        })
        {
            var listed = await Fleet.ListAsync(Host.Support, new SchemaQuery { Standing = standing }, Cancellation);
            Assert.Equal(count, listed.Total);
        }

        Assert.Equal(figures.Behind, plan.Run + plan.Skipped.Sum(s => s.Value));
        Assert.Equal([ids[0], ids[1]], figures.Gone.Select(g => g.Key));
        Assert.Equal("Flota 00001", figures.Gone[0].Value);
    }

    // Run by hand. It measures the time with a registry of 100,000 tenants.
    [Fact(Explicit = true)]
    public async Task List_OfAHundredThousand_IsFast()
    {
        await AddAsync(100_000);
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database), "ANALYZE clientes_saas; ANALYZE portal.databases", Cancellation);
        foreach (var (what, act) in new (string, Func<Task>)[]
        {
            ("count", () => Fleet.CountAsync(Host.Support, Cancellation)),
            ("first page", () => Fleet.ListAsync(Host.Support, new SchemaQuery(), Cancellation)),
            ("last page", () => Fleet.ListAsync(Host.Support, new SchemaQuery { Page = 5_000 }, Cancellation)),
            ("behind", () => Fleet.ListAsync(
                Host.Support, new SchemaQuery { Standing = SchemaStanding.Behind }, Cancellation)),
            ("text", () => Fleet.ListAsync(Host.Support, new SchemaQuery { Q = "flota 00777" }, Cancellation)),
            ("plan", () => Host.Get<SchemaUpgradeService>().PlanAsync(Host.Admin, null, Cancellation)),
            ("start", () => Host.Get<SchemaUpgradeService>().StartAsync(Host.Admin, null, Cancellation)),
        })
        {
            await (what == "start" ? Task.CompletedTask : act());
            var watch = Stopwatch.StartNew();
            await act();
            TestContext.Current.SendDiagnosticMessage($"{what}: {watch.ElapsedMilliseconds} ms");
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), what);
        }
    }

    // A third is behind, a third is up to date, a third is newer. None of them exists on the server.
    private async Task<int[]> AddAsync(int count)
    {
        await using var db = await Host.OpenMasterAsync();
        db.Database.SetCommandTimeout(120);
        var ids = await db.Database.SqlQuery<int>(
            $"""
            INSERT INTO clientes_saas (
                ruc, razon_social, subdominio, correo_acceso, entorno, is_active, state, schema_version, db_name,
                server_id)
            SELECT '20' || lpad(i::text, 9, '0'), 'Flota ' || lpad(i::text, 5, '0'), 'flota-' || i, 'a@flota.pe',
                   'produccion', true, CASE i WHEN 3 THEN 'deleting' ELSE 'ready' END,
                   {Head} - 1 + i % 3, 'vigia_flota-' || i, 1
            FROM generate_series(1, {count}) AS i
            RETURNING id AS "Value"
            """).ToArrayAsync(Cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO portal.databases (id, server_id, name, kind, tenant_id, schema_version, created_at)
            SELECT gen_random_uuid(), 1, db_name, 'tenant', id, schema_version, now()
            FROM clientes_saas WHERE schema_version IS NOT NULL
            """, Cancellation);
        return ids;
    }
}
