using Microsoft.Playwright;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Tenants;

/// <summary>An administrator gives a tenant another sub-domain on its page, and the former one back.</summary>
public sealed class RenamePageTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Fact]
    public async Task Rename_ThenBack_ShowsTheAddressAndTheFormerName()
    {
        var (old, name) = (PortalTenants.NewName("antes"), PortalTenants.NewName("despues"));
        var id = await Host.ReadyTenantAsync(old);
        var page = await SignedInAsync($"{PortalUrls.Tenant(id)}?seccion=peligro");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cambiar subdominio" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByLabel("Subdominio nuevo")).ToBeFocusedAsync();
        await dialog.GetByLabel("Subdominio nuevo").FillAsync(name);
        await Expect(dialog.GetByText($"Su dirección será https://{name}.vigia.example")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);

        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cambiar subdominio" }).ClickAsync();
        await Expect(dialog.GetByText("Diga el motivo.")).ToBeVisibleAsync();
        await dialog.GetByLabel("Motivo").FillAsync("La empresa cambió de nombre");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cambiar subdominio" }).ClickAsync();

        await Expect(dialog).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = $"https://{name}.vigia.example" }))
            .ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Resumen" }).ClickAsync();
        await Expect(page.GetByText($"Antes era «{old}»; queda reservado hasta el")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = $"Volver a «{old}»" }).ClickAsync();
        await Expect(dialog.GetByLabel("Subdominio nuevo")).ToBeFocusedAsync();
        await Expect(dialog.GetByLabel("Subdominio nuevo")).ToHaveValueAsync(old);
        await dialog.GetByLabel("Motivo").FillAsync("Fue un error");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cambiar subdominio" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = $"https://{old}.vigia.example" }))
            .ToBeVisibleAsync();
        await Expect(page.GetByText($"Antes era «{name}»; queda reservado hasta el")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Rename_ToATakenName_SaysItAtTheField()
    {
        var (own, taken) = (PortalTenants.NewName("uno"), PortalTenants.NewName("dos"));
        var (id, _) = await Host.RegisterAsync(own, provision: false);
        await Host.RegisterAsync(taken, provision: false);
        var page = await SignedInAsync($"{PortalUrls.Tenant(id)}?seccion=peligro");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cambiar subdominio" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByLabel("Subdominio nuevo")).ToBeFocusedAsync();
        await dialog.GetByLabel("Subdominio nuevo").FillAsync(taken);
        await dialog.GetByLabel("Motivo").FillAsync("prueba");

        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cambiar subdominio" }).ClickAsync();

        await Expect(dialog.GetByText($"Ya lo tiene otro cliente: Cliente {taken}.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task NewTenant_NoLongerSaysThatTheNameIsForEver()
    {
        var page = await SignedInAsync(PortalUrls.NewTenant);

        await Expect(page.GetByText("Un administrador puede cambiarlo después.")).ToBeVisibleAsync();
    }
}
