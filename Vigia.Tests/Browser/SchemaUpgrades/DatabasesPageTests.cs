using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Npgsql;
using Vigia.Core.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.SchemaUpgrades;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.SchemaUpgrades;

/// <summary>The page of databases: it shows the tenants that are behind and follows their upgrade.</summary>
public sealed class DatabasesPageTests(NextPortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<NextPortalHost>
{
    [Fact]
    public async Task Upgrade_OneThenAll_ShowsTheResultOfEachLive()
    {
        var alone = await BehindAsync("sola");
        var held = await BehindAsync("tomada");
        var failing = await BehindAsync("falla");
        var current = PortalTenants.NewName("nueva");
        await Host.ReadyTenantAsync(current);
        var page = await SignedInAsync(PortalUrls.Panel);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Requieren atención" })).ToContainTextAsync("3");
        await page.GetByRole(AriaRole.Link, new() { Name = "Ver las atrasadas" }).ClickAsync();
        await Expect(page.Locator(".table tbody tr")).ToHaveCountAsync(3);
        await Expect(Row(page, alone)).ToContainTextAsync("Atrasada");

        // One tenant alone: its row stays under the mouse pointer and shows the result.
        await page.GetByRole(AriaRole.Button, new() { Name = $"Actualizar Cliente {alone}" }).ClickAsync();
        await Expect(Row(page, alone)).ToContainTextAsync("Al día");
        await Expect(Row(page, alone).GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        await Expect(page.Locator(".count-pill")).ToBeVisibleAsync();
        await page.Locator(".filter-row").GetByRole(AriaRole.Link, new() { Name = "Todas" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/bases$"));
        await Expect(Row(page, current)).ToBeVisibleAsync();

        // All tenants: the page asks for confirmation first and then shows the progress.
        await using var session = await HoldAsync(held);
        await PostgresServer.ExecuteAsync(
            Host.Postgres.SuperuserUrl($"vigia_{failing}"),
            """
            CREATE SCHEMA g;
            CREATE FUNCTION g.no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE EXCEPTION 'congelada';
            END $$;
            CREATE EVENT TRIGGER no ON ddl_command_start EXECUTE FUNCTION g.no()
            """, Cancellation);
        await page.GetByRole(AriaRole.Button, new() { Name = "Actualizar las 2 bases atrasadas" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Los usuarios siguen trabajando");
        await AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Actualizar" }).ClickAsync();
        await Expect(Items(page)).ToContainTextAsync("congelada");
        await Expect(Items(page).Locator("tr", new() { HasText = held })).ToContainTextAsync("En marcha");
        await Expect(Panel(page).Locator(".state-chip")).ToContainTextAsync("En ejecución");

        // It has begun, and no worker has it: it waits for its children, and now for an administrator.
        await Host.PauseAsync(true);
        await Expect(Panel(page).GetByText("Espera: un administrador puso los trabajos en pausa")).ToBeVisibleAsync();
        await Host.PauseAsync(false);
        await Expect(Panel(page).GetByText("Espera: un administrador")).ToHaveCountAsync(0);
        await Expect(page.GetByRole(
            AriaRole.Button, new() { NameRegex = new Regex("^Actualizar la base atrasada|^Actualizar las") }).First)
            .ToBeDisabledAsync();
        await AssertAccessibleAsync(page);
        await session.DisposeAsync();

        await Expect(Panel(page).Locator(".state-chip")).ToContainTextAsync("Falló");
        await Expect(Row(page, held)).ToContainTextAsync("Al día");
        await Expect(Row(page, failing)).ToContainTextAsync("Atrasada");
        await PostgresServer.ExecuteAsync(
            Host.Postgres.SuperuserUrl($"vigia_{failing}"), "DROP EVENT TRIGGER no; DROP SCHEMA g CASCADE",
            Cancellation);
        await Panel(page).GetByRole(AriaRole.Button, new() { Name = "Reintentar" }).ClickAsync();
        await Expect(Panel(page).Locator(".state-chip")).ToContainTextAsync("Terminada");
        await Expect(Row(page, failing)).ToContainTextAsync("Al día");
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Actualizar") }))
            .ToHaveCountAsync(0);
    }

    [Fact]
    public async Task TenantPage_SchemaCard_UpgradesAndIsReadOnlyForSupport()
    {
        var name = await BehindAsync("ficha");
        var id = await IdAsync(name);

        var support = await SignedInAsync(PortalUrls.Databases, email: await Host.SupportAsync());
        await Expect(Row(support, name)).ToContainTextAsync("Atrasada");
        await Expect(support.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Actualizar") }))
            .ToHaveCountAsync(0);
        await support.GotoAsync(PortalUrls.Tenant(id));
        await Expect(support.Locator(".schema-line")).ToContainTextAsync("Atrasada");
        await Expect(support.Locator(".schema-line").GetByRole(AriaRole.Button)).ToHaveCountAsync(0);

        var page = await SignedInAsync(PortalUrls.Tenant(id));
        await page.Locator(".schema-line").GetByRole(AriaRole.Button, new() { Name = "Actualizar" }).ClickAsync();
        await Expect(page.Locator(".schema-line")).ToContainTextAsync("Al día");
        await Expect(support.Locator(".schema-line")).ToContainTextAsync("Al día");

        await page.GotoAsync($"{PortalUrls.Databases}?q=nadie-{name}");
        await Expect(page.Locator(".empty-state")).ToContainTextAsync("Ninguna coincide");
        await page.GotoAsync(PortalUrls.Databases);
        await page.Locator("#databases-search").FillAsync(name);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Regex($"q={name}"));
        await Expect(page.Locator(".table tbody tr")).ToHaveCountAsync(1);
    }

    // Pictures for the documentation: the dialog, and the page during the upgrade.
    [Theory(Explicit = true)]
    [InlineData("es-PE", false, 1280)]
    [InlineData("en", true, 1280)]
    [InlineData("es-PE", true, 360)]
    public async Task TakePictures(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        string[] names = [await BehindAsync("andina"), await BehindAsync("boreal"), await BehindAsync("costa")];
        await using var session = await HoldAsync(names[1]);
        var page = await SignedInAsync(PortalUrls.Databases, look);
        // By its name: until the page has read its figures, the other button of the header is the last one.
        await page.GetByRole(
            AriaRole.Button, new() { NameRegex = new Regex("^(Actualizar las|Update the) [0-9]") }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"bases-actualizar-{Screenshots.Suffix(look)}");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button).Last.ClickAsync();
        await Expect(Item(page, names[0]).Locator(".state-chip.tone-good")).ToBeVisibleAsync();
        await Expect(Item(page, names[2]).Locator(".state-chip.tone-good")).ToBeVisibleAsync();
        await Expect(Row(page, names[2]).Locator(".state-chip.tone-good").First).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"bases-en-curso-{Screenshots.Suffix(look)}");
        await session.DisposeAsync();
        await Expect(Item(page, names[1]).Locator(".state-chip.tone-good")).ToBeVisibleAsync();
    }

    private static ILocator Row(IPage page, string name) =>
        page.Locator(".table tbody tr", new() { HasText = $"vigia_{name}" });

    private static ILocator Panel(IPage page) => page.Locator("section[aria-labelledby=upgrade-title]");

    private static ILocator Items(IPage page) => page.Locator("section[aria-labelledby=items-title] tbody");

    private static ILocator Item(IPage page, string name) => Items(page).Locator("tr", new() { HasText = name });

    private async Task<string> BehindAsync(string stem)
    {
        var name = PortalTenants.NewName(stem);
        await OldSchema.MakeAsync(
            Host.Postgres, Host.Master, await Host.ReadyTenantAsync(name), $"vigia_{name}", Cancellation);
        return name;
    }

    private async Task<int> IdAsync(string name) =>
        (await Host.Services.GetRequiredService<TenantSearch>()
            .SearchAsync(await Host.AdministratorAsync(), new TenantQuery { Q = name },
            Cancellation)).Items.Single().Id;

    private async Task<NpgsqlConnection> HoldAsync(string name)
    {
        var session = await PostgresServer.OpenAsync(Host.Postgres.SuperuserUrl($"vigia_{name}"), Cancellation);
        await using var command = new NpgsqlCommand("BEGIN; SELECT FROM public.\"__EFMigrationsHistory\"", session);
        await command.ExecuteNonQueryAsync(Cancellation);
        return session;
    }
}
