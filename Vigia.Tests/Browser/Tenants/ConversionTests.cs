using Microsoft.Playwright;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Tenants;

/// <summary>A demo tenant is converted to production on its page, without a way back.</summary>
public sealed class ConversionTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Fact]
    public async Task Convert_FromTheDangerZone_IsFinalAndTheEditorHasNoEntorno()
    {
        var tenant = await Host.ReadyTenantAsync(PortalTenants.NewName("convierte"), TenantEnvironments.Demo);
        var page = await SignedInAsync(PortalUrls.Tenant(tenant));
        await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).First.ClickAsync();
        await Expect(page.Locator("#entorno")).ToBeDisabledAsync();
        await Expect(page.GetByText("Se cambia con «Convertir a producción»")).ToBeVisibleAsync();

        await page.GotoAsync($"{PortalUrls.Tenant(tenant)}?seccion=peligro");
        await page.GetByRole(AriaRole.Button, new() { Name = "Convertir a producción" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        var convert = dialog.GetByRole(AriaRole.Button, new() { Name = "Convertir a producción" });
        await Expect(convert).ToBeDisabledAsync();
        await Expect(dialog.GetByText("Falta: Entiendo que producción es definitiva")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await dialog.GetByLabel("Plan").SelectOptionAsync("profesional");
        await dialog.GetByLabel("Entiendo que producción es definitiva").CheckAsync();
        await convert.ClickAsync();

        await Expect(page.GetByText("está en producción")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Convertir a producción" })).ToHaveCountAsync(0);
        await page.GotoAsync(PortalUrls.Tenant(tenant));
        await Expect(page.GetByText("Profesional").First).ToBeVisibleAsync();
    }
}
