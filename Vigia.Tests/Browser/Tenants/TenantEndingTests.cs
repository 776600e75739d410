using Microsoft.Playwright;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Tenants;

/// <summary>The four ways of ending a tenant, side by side, and the way back from the trash.</summary>
public sealed class TenantEndingTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    private static readonly string[] Ways = ["Suspender", "Dar de baja", "Mover a la papelera", "Destruir"];

    [Fact]
    public async Task Section_ProductionTenant_ExplainsEachWayOfEnding()
    {
        var tenant = await Host.ReadyTenantAsync(PortalTenants.NewName("maneras"));
        var page = await SignedInAsync(PortalUrls.Tenant(tenant), Look.Usual with { Width = 1280 });
        await page.GetByRole(AriaRole.Link, new() { Name = "Baja y eliminación" }).ClickAsync();

        var tops = new HashSet<double>();
        foreach (var way in Ways)
        {
            var card = page.GetByRole(AriaRole.Article, new() { Name = way });
            foreach (var fact in new[] { "Qué hace", "Qué queda", "Cómo se deshace" })
            {
                await Expect(card.Locator($"dt:text-is('{fact}') + dd")).Not.ToBeEmptyAsync();
            }

            tops.Add((await card.BoundingBoxAsync())!.Y);
        }

        Assert.Single(tops);
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Destruir" }))
            .ToContainTextAsync("No hay vuelta atrás");
        var destroy = page.Locator("main").GetByRole(AriaRole.Button, new() { Name = "Destruir" });
        await Expect(destroy).ToBeDisabledAsync();
        await Expect(destroy).ToHaveAccessibleDescriptionAsync(
            "Por ser (o haber sido) de producción, primero va a la papelera y allí se destruye, vencidos sus 7 días.");
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    [Fact]
    public async Task DeleteDialog_ProductionTenant_SaysTheConsequencesAndTheSignature()
    {
        var tenant = await Host.ReadyTenantAsync(PortalTenants.NewName("alapapelera"));
        var page = await SignedInAsync($"{PortalUrls.Tenant(tenant)}?seccion=peligro");

        await page.GetByRole(AriaRole.Button, new() { Name = "Mover a la papelera" }).ClickAsync();

        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByRole(AriaRole.Heading, new() { Level = 2 })).ToContainTextAsync("a la papelera?");
        await Expect(dialog).ToContainTextAsync("Podrá deshacerlo durante 7 días");
        await Expect(dialog)
            .ToContainTextAsync("Usted firma: Muevo a este cliente, con su base de datos, a la papelera");
        await Expect(dialog).Not.ToContainTextAsync("definitiv");
    }

    [Fact]
    public async Task PurgeDialog_DemoInTheTrash_SaysWhatIsLostAndTheSignature()
    {
        var subdomain = PortalTenants.NewName("sinvuelta");
        var tenant = await Host.TrashedTenantAsync(subdomain, TenantEnvironments.Demo);
        var page = await SignedInAsync(PortalUrls.Tenant(tenant), Look.Usual with { Language = "en" });
        await Expect(page.Locator("main").GetByRole(AriaRole.Button).First).ToHaveTextAsync("Undo and restore");

        await page.GotoAsync(PortalUrls.Trash);
        await page.GetByRole(AriaRole.Button, new() { Name = $"Destroy Cliente {subdomain}" }).ClickAsync();

        var dialog = page.GetByRole(AriaRole.Dialog);
        foreach (var (fact, value) in new[] { ("Users", "1"), ("Cases", "0"), ("Last backup", "None") })
        {
            await Expect(dialog.Locator($"dt:text-is('{fact}') + dd")).ToHaveTextAsync(value);
        }

        await Expect(dialog).ToContainTextAsync("You sign: I destroy this client's database now");
        await AssertAccessibleAsync(page);
    }
}
