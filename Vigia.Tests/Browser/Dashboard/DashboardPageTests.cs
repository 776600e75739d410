using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Dashboard;

public sealed class DashboardPageTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Fact]
    public async Task Panel_TenantRegistered_ShowsOperationAndCountWithoutReload()
    {
        var page = await SignedInAsync(PortalUrls.Panel);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Registrar" })).ToBeVisibleAsync();
        await page.EvaluateAsync("window.sameDocument = true");
        await Host.PauseAsync(true);
        var subdomain = PortalTenants.NewName("panel");

        await Host.RegisterAsync(subdomain);

        await Expect(page.Locator(".table tbody tr").Filter(new() { HasText = subdomain }))
            .ToContainTextAsync("En cola");
        await Host.PauseAsync(false);
        await Expect(page.GetByText("Ninguna operación en ejecución.")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        var active = page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("^Activo") }).Last;
        await Expect(active).ToContainTextAsync("1");
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument"));
        await AssertAccessibleAsync(page);
        await active.ClickAsync();
        await Expect(page).ToHaveURLAsync(
            new Regex(Regex.Escape(PortalUrls.TenantsWithStatus(TenantStatus.Active)) + "$"));
        await Expect(page.Locator(".table tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator(".table")).ToContainTextAsync(subdomain);
    }
}
