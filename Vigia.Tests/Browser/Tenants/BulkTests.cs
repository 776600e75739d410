using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Tenants;

/// <summary>Choosing many tenants in the list, and the result for each.</summary>
public sealed class BulkTests(BulkTests.Registry host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<BulkTests.Registry>
{
    [Fact]
    public async Task ChooseAll_SuspendedAndReactivated_OneOperationListsEachTenant()
    {
        var ids = await AddAsync(40);
        var page = await SignedInAsync($"{PortalUrls.Tenants}?q=masivo");
        await page.Locator("#select-page").CheckAsync();
        await Expect(Bar(page)).ToContainTextAsync("20 seleccionados");
        await AssertAccessibleAsync(page);
        await page.GetByRole(
            AriaRole.Button, new() { Name = $"Seleccionar los {await CountAsync("Masivo")} que coinciden" })
            .ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Siguiente" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("pagina=2"));
        await Expect(page.Locator(".table tbody tr.chosen")).ToHaveCountAsync(20);
        await Bar(page).GetByRole(AriaRole.Button, new() { Name = "Suspender" }).ClickAsync();
        await Expect(Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Suspender" })).ToBeDisabledAsync();
        await AssertAccessibleAsync(page);
        await Expect(Dialog(page)).ToContainTextAsync("Falta: Motivo");
        await Expect(Dialog(page)).ToContainTextAsync(new Regex(@"y \d+ más"));
        await page.Locator("#confirm-reason").SelectOptionAsync("seguridad");
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Suspender" }).ClickAsync();

        await Expect(page).ToHaveURLAsync(new Regex("/operaciones/"));
        await Expect(page.Locator(".mud-snackbar")).ToContainTextAsync("Se están suspendiendo los clientes.");
        await Expect(page.Locator(".page-header .state-chip")).ToContainTextAsync("Terminada");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Hechos" })).ToBeVisibleAsync();
        await Expect(page.Locator("section[aria-labelledby=items-title] tbody tr").First)
            .ToContainTextAsync("Masivo 001");
        await AssertAccessibleAsync(page);
        Assert.Equal(0, await ActiveAsync(ids));

        // The first page again. One of the chosen tenants is active already.
        await page.GotoAsync($"{PortalUrls.Tenants}?q=masivo");
        var other = await AddAsync(1);
        await page.ReloadAsync();
        await DrawnAsync(page);
        await page.Locator("#select-page").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Seleccionar los") }).ClickAsync();
        await Bar(page).GetByRole(AriaRole.Button, new() { Name = "Reactivar" }).ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("1 — Ya está activo.");
        await AssertAccessibleAsync(page);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Reactivar" }).ClickAsync();

        await Expect(page.Locator(".page-header .state-chip")).ToContainTextAsync("Terminada");
        await page.GetByRole(AriaRole.Button, new() { Name = "Omitidos" }).ClickAsync();
        await Expect(page.Locator("section[aria-labelledby=items-title] tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("section[aria-labelledby=items-title] tbody tr"))
            .ToContainTextAsync("Ya está activo.");
        Assert.Equal(41, await ActiveAsync([.. ids, .. other]));
        await page.GotoAsync(PortalUrls.Operations);
        await Expect(page.Locator(".table tbody")).ToContainTextAsync("Reactivar varios clientes");
    }

    [Fact]
    public async Task Reactivate_ManyNewDatabases_AsksForTheNumberAndSaysTheCost()
    {
        await AddRegisteredAsync(60);
        var page = await SignedInAsync($"{PortalUrls.Tenants}?q=porcrear&estado=registered");
        await page.Locator("#select-page").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Seleccionar los 60 que coinciden" }).ClickAsync();
        await Bar(page).GetByRole(AriaRole.Button, new() { Name = "Reactivar" }).ClickAsync();

        await Expect(Cost(page, "Bases de datos nuevas")).ToHaveTextAsync("60");
        await Expect(Cost(page, "Tiempo")).ToHaveTextAsync(new Regex("^unos .*(s|min)$"));
        await Expect(Cost(page, "Disco")).ToHaveTextAsync(new Regex("^unos .*MB$"));
        await AssertAccessibleAsync(page);
        var number = Dialog(page).GetByLabel("Escriba cuántos clientes son: 60");
        await number.FillAsync("61");
        await Expect(Dialog(page).GetByText("No es ese número.")).ToBeVisibleAsync();
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Cancelar" }).ClickAsync();
        await Expect(Dialog(page)).ToHaveCountAsync(0);

        await using var db = await MasterAsync();
        Assert.Equal(60, await db.Set<Tenant>().CountAsync(
            t => t.LegalName!.StartsWith("Porcrear") && t.State == TenantState.Registered, Cancellation));
    }

    [Fact]
    public async Task Suspend_ManyTenants_AsksForTheNumber()
    {
        var ids = await AddAsync(51);
        await using (var db = await MasterAsync())
        {
            await db.Set<Tenant>().Where(t => ids.Contains(t.Id)).ExecuteUpdateAsync(
                set => set.SetProperty(t => t.LegalName, t => "Cincuentena " + t.Id)
                    .SetProperty(t => t.AccessEmail, "a@cincuentena.pe"), Cancellation);
        }

        var page = await SignedInAsync($"{PortalUrls.Tenants}?q=cincuentena&filas=100");
        await page.Locator("#select-page").CheckAsync();
        await Bar(page).GetByRole(AriaRole.Button, new() { Name = "Suspender" }).ClickAsync();
        await page.Locator("#confirm-reason").SelectOptionAsync("seguridad");
        await Expect(Cost(page, "Tiempo")).ToContainTextAsync("unos");
        await Expect(Cost(page, "Disco")).ToHaveCountAsync(0);
        await Dialog(page).GetByLabel("Escriba cuántos clientes son: 51").FillAsync("51");
        await ExecuteAsync(
            """
            CREATE FUNCTION public.test_refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = 'check_violation'; END $$;
            CREATE TRIGGER test_refuse BEFORE UPDATE ON clientes_saas FOR EACH ROW
                WHEN (OLD.razon_social LIKE 'Cincuentena%') EXECUTE FUNCTION public.test_refuse();
            """);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Suspender" }).ClickAsync();
        await Expect(page.Locator(".page-header .state-chip")).ToContainTextAsync("Falló");
        await ExecuteAsync("DROP TRIGGER test_refuse ON clientes_saas; DROP FUNCTION public.test_refuse()");

        // The second time is no less than the first time.
        await page.Locator("main").GetByRole(AriaRole.Button, new() { Name = "Reintentar" }).ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("Se repite con 51 clientes que quedaron sin hacer.");
        await Expect(Cost(page, "Tiempo")).ToContainTextAsync("unos");
        await AssertAccessibleAsync(page);
        await Expect(Dialog(page).GetByText("Falta: Número de clientes")).ToBeVisibleAsync();
        await Dialog(page).GetByLabel("Escriba cuántos clientes son: 51").FillAsync("51");
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Reintentar" }).ClickAsync();

        await Expect(page.Locator(".page-header .state-chip")).ToContainTextAsync("Terminada");
        Assert.Equal(0, await ActiveAsync(ids));
    }

    // The question has the same words. A reason for two tenants is not one for two others, nor for one of that name.
    [Fact]
    public async Task Suspend_OtherTenants_ShowsNoDraftOfTheFirst()
    {
        var ids = await AddAsync(4);
        await using (var db = await MasterAsync())
        {
            await db.Set<Tenant>().Where(t => ids.Contains(t.Id)).ExecuteUpdateAsync(
                set => set.SetProperty(t => t.LegalName, "Homónima S.A.C.")
                    .SetProperty(t => t.AccessEmail, "a@homonima.pe"), Cancellation);
        }

        var page = await SignedInAsync($"{PortalUrls.Tenants}?q=homonima");
        await AskAsync(0, 1);
        await page.Locator("#confirm-text").FillAsync("Por los dos primeros");
        await page.ReloadAsync();
        await DrawnAsync(page);
        await AskAsync(2, 3);
        await Expect(page.Locator("#confirm-text")).ToHaveValueAsync("");
        await page.ReloadAsync();
        await DrawnAsync(page);
        await AskAsync(1, 0);
        await Expect(page.Locator("#confirm-text")).ToHaveValueAsync("Por los dos primeros");

        await SuspendOneAsync(ids[0]);
        await page.Locator("#confirm-text").FillAsync("Por el primero");
        await SuspendOneAsync(ids[1]);
        await Expect(page.Locator("#confirm-text")).ToHaveValueAsync("");
        await SuspendOneAsync(ids[0]);
        await Expect(page.Locator("#confirm-text")).ToHaveValueAsync("Por el primero");

        async Task AskAsync(params int[] rows)
        {
            foreach (var row in rows)
            {
                await page.Locator(".table tbody input[type=checkbox]").Nth(row).CheckAsync();
            }

            await Bar(page).GetByRole(AriaRole.Button, new() { Name = "Suspender" }).ClickAsync();
            await Expect(Dialog(page)).ToContainTextAsync("¿Suspender a 2 clientes?");
        }

        async Task SuspendOneAsync(int id)
        {
            await page.GotoAsync(PortalUrls.Tenant(id));
            await DrawnAsync(page);
            await page.Locator(".page-header").GetByRole(AriaRole.Button, new() { Name = "Suspender" }).ClickAsync();
            await Expect(Dialog(page)).ToContainTextAsync("¿Suspender a Homónima S.A.C.?");
        }
    }

    [Fact]
    public async Task Rows_SelectedWithShift_StaySelectedUntilTheFilterChanges()
    {
        await AddAsync(3);
        await Host.RegisterAsync(PortalTenants.NewName("elegido"), provision: false);
        var page = await SignedInAsync($"{PortalUrls.Tenants}?estado=registered");
        await page.GotoAsync(PortalUrls.Tenants);
        await DrawnAsync(page);
        var boxes = page.Locator(".table tbody input[type=checkbox]");
        await boxes.Nth(0).ClickAsync();
        await boxes.Nth(2).ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });

        await Expect(Bar(page)).ToContainTextAsync("3 seleccionados");
        Assert.True(await page.Locator("#select-page").EvaluateAsync<bool>("box => box.indeterminate"));
        await page.Locator(".table tbody tr").Nth(1).GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(page.Locator(".page-header .state-chip").First).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(Bar(page)).ToContainTextAsync("3 seleccionados");
        await page.Locator("#list-environment").SelectOptionAsync("produccion");
        await Expect(page).ToHaveURLAsync(new Regex("entorno=produccion"));
        await Expect(Bar(page)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Suspend_NothingToDo_ShowsTheReasons()
    {
        await Host.RegisterAsync(PortalTenants.NewName("solo"), provision: false);
        var page = await SignedInAsync($"{PortalUrls.Tenants}?estado=registered");
        await page.Locator("#select-page").CheckAsync();

        await Bar(page).GetByRole(AriaRole.Button, new() { Name = "Suspender" }).ClickAsync();

        await Expect(page.Locator(".mud-snackbar")).ToContainTextAsync("todavía no tiene base de datos");
        await Expect(Dialog(page)).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData(360)]
    [InlineData(1440)]
    public async Task SelectionBar_EveryLook_FitsTheWindow(int width)
    {
        await AddAsync(2);
        var page = await SignedInAsync(PortalUrls.Tenants, Look.Usual with { Width = width });
        await page.Locator(".table tbody input[type=checkbox]").First.ClickAsync();

        await Expect(Bar(page)).ToBeInViewportAsync();
        await AssertFitsAsync(page);
        await Bar(page).GetByRole(AriaRole.Button, new() { Name = "Quitar selección" }).ClickAsync();
        await Expect(Bar(page)).ToHaveCountAsync(0);
    }

    private static ILocator Cost(IPage page, string label) => Dialog(page).Locator($"dt:text-is('{label}') + dd");

    private static ILocator Dialog(IPage page) => page.GetByRole(AriaRole.Dialog);

    private static ILocator Bar(IPage page) => page.Locator(".selection-bar");

    private async Task<int[]> AddAsync(int count)
    {
        await using var db = await MasterAsync();
        return await TenantRows.AddActiveAsync(db, count);
    }

    // Only registered, as a registry that was just imported.
    private async Task AddRegisteredAsync(int count)
    {
        var ids = await AddAsync(count);
        await using var db = await MasterAsync();
        await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE clientes_saas
            SET state = 'registered', is_active = false, razon_social = 'Porcrear ' || id || ' S.A.C.',
                correo_acceso = 'a@porcrear.pe'
            WHERE id = ANY({ids})
            """, Cancellation);
    }

    private async Task<int> CountAsync(string stem)
    {
        await using var db = await MasterAsync();
        return await db.Set<Tenant>().CountAsync(t => t.LegalName!.StartsWith(stem), Cancellation);
    }

    private async Task<int> ActiveAsync(int[] ids)
    {
        await using var db = await MasterAsync();
        return await db.Set<Tenant>().CountAsync(t => ids.Contains(t.Id) && t.IsActive, Cancellation);
    }

    private Task ExecuteAsync(string sql) =>
        PostgresServer.ExecuteAsync(Host.Postgres.SuperuserUrl(Host.Master.Database), sql, Cancellation);

    private Task<MasterContext> MasterAsync() =>
        Host.Services.GetRequiredService<IDbContextFactory<MasterContext>>().CreateDbContextAsync(Cancellation);

    public sealed class Registry(PostgresServer server) : PortalHost(server);
}
