using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Tenants;

/// <summary>
/// A list that is open for eight hours: it remembers its filters and returns to the previous position.
/// </summary>
public sealed class TenantListTests(TenantListTests.Many host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<TenantListTests.Many>
{
    [Fact]
    public async Task Back_FromATenant_RestoresFilterAndScroll()
    {
        var page = await SignedInAsync($"{PortalUrls.Tenants}?q=fila&filas=50");
        await Expect(Rows(page)).ToHaveCountAsync(Many.Count);
        await Rows(page).Nth(Many.Count - 2).ScrollIntoViewIfNeededAsync();
        var before = await page.EvaluateAsync<int>("Math.round(scrollY)");
        Assert.True(before > 200, $"{before}");
        await Rows(page).Nth(Many.Count - 2).GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(page.Locator(".page-header .state-chip")).ToBeVisibleAsync();

        await page.GoBackAsync();

        await Expect(Rows(page)).ToHaveCountAsync(Many.Count);
        await Expect(page.Locator("#list-search")).ToHaveValueAsync("fila");
        await HoldsAsync(page, $"Math.abs(scrollY - {before}) < 3");
    }

    [Fact]
    public async Task Tenant_OpenedFromTheList_LinksToNeighboursAndTheList()
    {
        var page = await SignedInAsync($"{PortalUrls.Tenants}?q=fila&filas=50");
        var second = await Rows(page).Nth(1).GetByRole(AriaRole.Link).First.InnerTextAsync();
        var third = await Rows(page).Nth(2).GetByRole(AriaRole.Link).First.InnerTextAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = second, Exact = true }).ClickAsync();
        // The address changes before the page is rendered for it. The links of the old section stay clickable until
        // then.
        await page.Locator(".tabs a").Nth(2).ClickAsync();
        await Expect(page.Locator(".tabs a").Nth(2)).ToHaveAttributeAsync("aria-current", "page");

        await page.GetByRole(AriaRole.Link, new() { Name = "Siguiente" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = third, Level = 1 })).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync(new Regex("seccion=operaciones"));
        await AssertAccessibleAsync(page);
        await page.Locator(".back-link").First.ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("q=fila"));
        await Expect(Rows(page)).ToHaveCountAsync(Many.Count);
    }

    [Fact]
    public async Task Columns_Chosen_AreRemembered()
    {
        var page = await SignedInAsync(PortalUrls.Tenants);
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Tamaño" })).ToBeVisibleAsync();
        await page.GetByText("Columnas").First.ClickAsync();
        await page.GetByLabel("Tamaño").UncheckAsync();
        await page.GetByLabel("Filas juntas").CheckAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Tamaño" })).ToHaveCountAsync(0);
        await AssertAccessibleAsync(page);

        await page.ReloadAsync();
        await DrawnAsync(page);

        await Expect(page.Locator(".table.dense")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Tamaño" })).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Plan" })).ToBeVisibleAsync();
    }

    private static ILocator Rows(IPage page) => page.Locator(".table tbody tr");

    /// <summary>A portal with more tenants than a window shows. None has a database.</summary>
    public sealed class Many(PostgresServer server) : PortalHost(server)
    {
        public const int Count = 40;

        protected override async Task FillAsync()
        {
            foreach (var number in Enumerable.Range(1, Count))
            {
                await this.RegisterAsync(PortalTenants.NewName($"fila-{number:00}"), provision: false);
            }
        }
    }
}
