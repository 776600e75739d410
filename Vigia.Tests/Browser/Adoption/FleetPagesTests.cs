using Microsoft.AspNetCore.Hosting;
using Microsoft.Playwright;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Adoption;

/// <summary>The list of the product's tenants that are not adopted, and the question before all are adopted.</summary>
public sealed class FleetPagesTests(FleetPagesTests.Filled host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<FleetPagesTests.Filled>
{
    [Fact]
    public async Task List_ManyTenants_ShowsTheFirstAndHoldsThemUnderThePointer()
    {
        var page = await SignedInAsync(PortalUrls.AdoptTenant, new Look("es", false, 1280));
        var rows = page.Locator("section[aria-labelledby='adopt-unmanaged'] li");
        await Expect(rows).ToHaveCountAsync(100);
        await Expect(rows.First).ToContainTextAsync("Álamo 001");
        await Expect(page.GetByText("120 clientes", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("Por corregir")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
        await rows.Nth(3).HoverAsync();
        await HoldsInServerAsync(page);

        await ExecuteAsync("""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, db_name)
            VALUES ('20500000001', 'Aaa nuevo', 'aaanuevo', 'a@b.pe', 'aaanuevo')
            """);

        var pill = page.Locator("section[aria-labelledby='adopt-unmanaged'] .count-pill");
        await Expect(pill).ToBeVisibleAsync();
        await Expect(rows.First).ToContainTextAsync("Álamo 001");
        await pill.ClickAsync();
        await Expect(rows.First).ToContainTextAsync("Aaa nuevo");
        await ExecuteAsync("DELETE FROM clientes_saas WHERE subdominio = 'aaanuevo'");
    }

    [Fact]
    public async Task AdoptAll_ManyTenants_AsksForTheNumberAndShowsTheTime()
    {
        var page = await SignedInAsync(PortalUrls.AdoptTenant, new Look("es", false, 1280));
        var dialog = page.GetByRole(AriaRole.Dialog);
        await page.GetByRole(AriaRole.Button, new() { Name = "Incorporar todas" }).ClickAsync();
        await Expect(dialog).ToContainTextAsync("Tiempo");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Continuar" })).ToBeDisabledAsync();
        await AssertAccessibleAsync(page);
        await dialog.Locator("#confirm-count").FillAsync("120");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Continuar" }).ClickAsync();

        await Expect(dialog.Locator("#all-backup")).ToBeVisibleAsync();
        await Expect(dialog).ToContainTextAsync("Incorporar 120 bases de datos");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Incorporar", Exact = true }))
            .ToBeDisabledAsync();
        await AssertAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancelar" }).ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Panel_AndFilteredList_LeadToTheAdoption()
    {
        var page = await SignedInAsync(PortalUrls.Panel, new Look("es", false, 1280));
        await page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "Incorporar los del producto" })
            .ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex(PortalUrls.AdoptTenant + "$"));

        await page.GotoAsync(PortalUrls.TenantsNotManaged);
        await Expect(page.Locator("main").GetByRole(
            AriaRole.Link, new() { Name = "Incorporar los del producto" })).ToBeVisibleAsync();
        await page.GotoAsync(PortalUrls.Tenants);
        await DrawnAsync(page);
        await Expect(page.Locator("main").GetByRole(
            AriaRole.Link, new() { Name = "Incorporar los del producto" })).ToHaveCountAsync(0);
    }

    private Task ExecuteAsync(string sql) =>
        PostgresServer.ExecuteAsync(Host.Postgres.SuperuserUrl(Host.Master.Database), sql, Cancellation);

    /// <summary>A registry that the product filled: 120 tenants, one of which breaks a rule.</summary>
    public sealed class Filled(PostgresServer server) : PortalHost(server)
    {
        protected override Task FillAsync() => PostgresServer.ExecuteAsync(
            Postgres.SuperuserUrl(Master.Database), """
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, db_name)
            SELECT (20400000000 + i)::text, 'Álamo ' || lpad(i::text, 3, '0'), 'flota' || i, 'a@b.pe', 'flota_' || i
            FROM generate_series(1, 120) i;
            SET session_replication_role = replica;
            UPDATE clientes_saas SET ruc = '123' WHERE subdominio = 'flota7'
            """, TestContext.Current.CancellationToken);
    }
}

/// <summary>Where adopting is off, the pages say so, with what can be done.</summary>
public sealed class AdoptionOffTests(AdoptionOffTests.Off host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<AdoptionOffTests.Off>
{
    [Fact]
    public async Task Pages_AdoptionIsOff_SayItWithItsAdvice()
    {
        var id = (int)(await ScalarAsync("""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, db_name)
            VALUES ('20400000001', 'Producto', 'producto', 'a@b.pe', 'producto') RETURNING id
            """))!;
        var page = await SignedInAsync(PortalUrls.AdoptTenant, new Look("es", false, 1280));
        foreach (var address in new[] { PortalUrls.AdoptTenant, PortalUrls.Tenant(id) })
        {
            await page.GotoAsync(address);
            await DrawnAsync(page);
            await Expect(page.GetByText("Esta instalación no incorpora bases de datos.")).ToBeVisibleAsync();
            await Expect(page.GetByText("docs/migrating.md")).ToBeVisibleAsync();
            await Expect(page.Locator("main").GetByRole(AriaRole.Button, new() { Name = "Incorporar" }))
                .ToHaveCountAsync(0);
            await Expect(page.Locator("main").GetByRole(AriaRole.Button, new() { Name = "Revisar" }))
                .ToHaveCountAsync(0);
        }

        await page.GotoAsync(PortalUrls.Panel);
        await DrawnAsync(page);
        await Expect(page.Locator("main").GetByRole(
            AriaRole.Link, new() { Name = "Incorporar los del producto" })).ToHaveCountAsync(0);
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var session = await PostgresServer.OpenAsync(
            Host.Postgres.SuperuserUrl(Host.Master.Database), Cancellation);
        await using var command = new Npgsql.NpgsqlCommand(sql, session);
        return await command.ExecuteScalarAsync(Cancellation);
    }

    public sealed class Off(PostgresServer server) : PortalHost(server)
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Adoption:Enabled", "false");
        }
    }
}
