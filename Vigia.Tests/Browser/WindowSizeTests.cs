using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>
/// Windows from a telephone to a very wide screen, with tenants as they are: long names, all limits, a band above.
/// </summary>
public sealed class WindowSizeTests(WindowSizeTests.LongTenants host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<WindowSizeTests.LongTenants>
{
    [Theory]
    [InlineData("es-PE", 1280)]
    [InlineData("en", 1280)]
    [InlineData("es-PE", 1440)]
    [InlineData("en", 1440)]
    public async Task TenantList_OrdinaryLimits_ShowsEveryColumnWhole(string language, int width)
    {
        var page = await SignedInAsync(PortalUrls.Tenants, new Look(language, Dark: false, width));

        await Expect(page.GetByRole(AriaRole.Columnheader)).ToHaveCountAsync(9);
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("10,000");
        await AssertFitsAsync(page);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400)]
    public async Task Menu_PhoneWidth_StartsBelowTheTopBar(int scrolled)
    {
        var page = await SignedInAsync(PortalUrls.Tenants, Look.Usual with { Width = 360 });
        await Expect(page.Locator("tbody tr").First).ToBeVisibleAsync();
        await Expect(page.GetByText("Pruebas").First).ToBeVisibleAsync();
        await page.EvaluateAsync("y => scrollTo(0, y)", scrolled);

        await page.GetByRole(AriaRole.Button, new() { Name = "Abrir el menú" }).ClickAsync();

        var first = page.GetByRole(AriaRole.Navigation, new() { Name = "Menú principal" })
            .GetByRole(AriaRole.Link).First;
        await Expect(first).ToBeInViewportAsync(new() { Ratio = 1 });
        var (bar, entry) =
            (await page.Locator(".top-bar").BoundingBoxAsync(), await first.BoundingBoxAsync());
        Assert.InRange(entry!.Y - (bar!.Y + bar.Height), 0, 24);
        await AssertAccessibleAsync(page);
        await page.Keyboard.PressAsync("Escape");
    }

    [Fact]
    public async Task Tabs_PhoneWidth_ScrollToTheActiveOne()
    {
        var page = await SignedInAsync(
            $"{PortalUrls.Tenant(host.First)}?seccion=peligro", Look.Usual with { Width = 360 });
        var tabs = page.GetByRole(AriaRole.Navigation, new() { Name = "Secciones del cliente" });

        await Expect(tabs.GetByRole(AriaRole.Link, new() { Name = "Baja y eliminación" }))
            .ToBeInViewportAsync(new() { Ratio = 0.9f });
        await tabs.GetByRole(AriaRole.Link, new() { Name = "Resumen" }).ClickAsync();
        await Expect(page).Not.ToHaveURLAsync(new Regex("seccion"));
        await Expect(tabs.GetByRole(AriaRole.Link, new() { Name = "Resumen" }))
            .ToBeInViewportAsync(new() { Ratio = 0.9f });
        await page.GotoAsync($"{PortalUrls.Operations}?estado=cancelled");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Canceladas" }))
            .ToBeInViewportAsync(new() { Ratio = 0.9f });
    }

    [Theory]
    [InlineData(PortalUrls.Tenants, "Estado", "active")]
    [InlineData(PortalUrls.Audit, "Qué", "tenant.")]
    public async Task Filters_PhoneWidth_AreBehindAButtonThatCountsThem(string path, string filter, string value)
    {
        var page = await SignedInAsync(path, Look.Usual with { Width = 360 });
        await Expect(page.Locator("tbody tr").First).ToBeVisibleAsync();
        Assert.InRange((await page.Locator("tbody tr").First.BoundingBoxAsync())!.Y, 0, 460);
        await Expect(page.GetByLabel(filter, new() { Exact = true })).ToBeHiddenAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Filtros", Exact = true }).ClickAsync();
        await AssertAccessibleAsync(page);
        await page.GetByLabel(filter, new() { Exact = true }).SelectOptionAsync(value);

        var button = page.GetByRole(AriaRole.Button, new() { Name = "Filtros · 1" });
        await button.ClickAsync();
        await Expect(button).ToHaveAttributeAsync("aria-expanded", "false");
        await Expect(page.GetByLabel(filter, new() { Exact = true })).ToBeHiddenAsync();
    }

    [Fact]
    public async Task TenantList_PhoneWidth_IsStackedAndCanBeSortedAndSelected()
    {
        var page = await SignedInAsync(PortalUrls.Tenants, Look.Usual with { Width = 360 });
        var row = page.Locator("tbody tr").First;
        await Expect(row).ToContainTextAsync("Alimentos");

        // Each value lies under the one before, beside the title of its column.
        var cells = await row.Locator("td:not(.cell-check):visible").EvaluateAllAsync<double[]>(
            "cells => cells.map(cell => cell.getBoundingClientRect().top)");
        Assert.Equal(cells.Order(), cells);
        Assert.Equal(cells.Length, cells.Distinct().Count());
        Assert.Equal("\"Subdominio\"", await row.Locator("td.subdomain").EvaluateAsync<string>(
            "cell => getComputedStyle(cell, '::before').content"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Filtros", Exact = true }).ClickAsync();
        await page.GetByLabel("Ordenar por").SelectOptionAsync(new SelectOptionValue { Label = "Creado" });
        await Expect(row).Not.ToContainTextAsync("Alimentos");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Seleccionar todos los de esta página" }).CheckAsync();
        var rows = await page.Locator("tbody tr").CountAsync();
        await Expect(page.GetByText($"{rows} seleccionados")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
    }

    [Theory]
    [InlineData(PortalUrls.Tenants)]
    [InlineData(PortalUrls.Panel)]
    public async Task Page_VeryWideWindow_StaysBesideTheMenu(string path)
    {
        var page = await SignedInAsync(path, Look.Usual with { Width = 2560 });
        var menu = page.GetByRole(AriaRole.Navigation, new() { Name = "Menú principal" });

        var (left, title) = (await menu.BoundingBoxAsync(),
            await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).BoundingBoxAsync());

        Assert.InRange(title!.X - (left!.X + left.Width), 0, 40);
        Assert.True(await page.Locator(".page").EvaluateAsync<double>("page => page.clientWidth") <= 1760);
    }

    [Fact]
    public async Task Summary_UsageAndLimits_AreFirstAndTwoColumnsFollow()
    {
        var tenant = await Host.ReadyTenantAsync(PortalTenants.NewName("ancho"));
        var page = await SignedInAsync(PortalUrls.Tenant(tenant), Look.Usual with { Width = 1440 });
        await page.GetByRole(AriaRole.Button, new() { Name = "Medir ahora" }).ClickAsync();
        await Expect(page.GetByText("Establecimientos activos")).ToBeVisibleAsync();

        var (use, identity) = (await CardAsync(page, "Uso y límites"), await CardAsync(page, "Identidad"));
        var (contract, database) = (await CardAsync(page, "Contrato"), await CardAsync(page, "Base de datos"));

        Assert.Equal(use.Width, contract.X + contract.Width - identity.X, 1.0);
        Assert.True(use.Y + use.Height < identity.Y);
        Assert.True(identity.X < contract.X);
        Assert.Equal(contract.X, database.X, 1.0);
        Assert.Equal(identity.Y, contract.Y, 1.0);
        Assert.True(contract.Y + contract.Height < database.Y);
    }

    [Fact]
    public async Task Panel_TenantsOfTwoPlans_EachFillsItsShareOfTheBar()
    {
        var page = await SignedInAsync(PortalUrls.Panel);
        var bars = page.GetByRole(AriaRole.Region, new() { Name = "Clientes por plan" }).GetByRole(AriaRole.Listitem);

        await Expect(bars.First).ToBeVisibleAsync();

        var shares = await bars.EvaluateAllAsync<double[]>(
            """
            bars => bars.map(bar => bar.querySelector(".bar span").getBoundingClientRect().width
              / bar.querySelector(".bar").getBoundingClientRect().width)
            """);
        Assert.True(shares.Length > 1);
        Assert.Equal(1, shares.Sum(), 0.02);
    }

    private static async Task<LocatorBoundingBoxResult> CardAsync(IPage page, string title) =>
        (await page.Locator(".card", new()
        {
            Has = page.GetByRole(AriaRole.Heading, new() { Name = title, Exact = true, Level = 2 }),
        }).BoundingBoxAsync())!;

    /// <summary>Registered tenants with long names and every limit.</summary>
    public sealed class LongTenants(PostgresServer server) : PortalHost(server)
    {
        public const int Count = 8;

        private static readonly string[] Names =
        [
            "Alimentos y Suplementos Nutricionales del Pacífico Sur S.A.C.", "Botica y Perfumería Santa Rosa E.I.R.L.",
            "Corporación Farmacéutica de los Andes Peruanos S.A.", "Droguería Ñandú E.I.R.L.",
            "Laboratorios Químico-Farmacéuticos Unidos S.A.", "Inversiones Médicas y Hospitalarias del Norte S.A.C.",
            "Química Suiza Industrial del Perú S.A.", "Zeta Biofarma S.A.C.",
        ];

        public int First { get; private set; }

        protected override async Task FillAsync()
        {
            await using var scope = Scope();
            foreach (var (name, number) in Names.Select((name, at) => (name, at + 1)))
            {
                var registered = await scope.ServiceProvider.GetRequiredService<TenantRegistration>().RegisterAsync(
                    await AdministratorAsync(), new RegisterTenant
                    {
                        Ruc = Rucs.Next(7_910_000 + number),
                        Subdomain = $"{SubdomainProposal.From(name)}-{number}",
                        Provision = false,
                        Details = new TenantDetails
                        {
                            LegalName = name, AccessEmail = $"administracion@cliente{number}.pe",
                            Plan = number % 2 == 0 ? "basico" : "empresarial", Environment = "produccion",
                            MaxUsers = 250, MaxEstablishments = 48, LimitIssuance = true, MaxDocuments = 10_000,
                        },
                    }, TestContext.Current.CancellationToken);
                First = First == 0 ? registered.TenantId : First;
            }
        }
    }
}
