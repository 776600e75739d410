using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Staff.Team;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Approvals;

/// <summary>
/// Two administrators create a third one. Actions on the server's console are shown until a person closes the notice.
/// </summary>
public sealed class StaffRequestPageTests(TwoPersonHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<TwoPersonHost>
{
    [Fact]
    public async Task Invite_AdministratorApprovedByAnother_ShowsTheLinkToTheRequester()
    {
        var email = $"{PortalTenants.NewName("carla")}@vigia.example";
        var first = await SignedInAsync(PortalUrls.Team);
        await first.GetByRole(AriaRole.Button, new() { Name = "Invitar" }).ClickAsync();
        var dialog = first.GetByRole(AriaRole.Dialog);
        await first.Locator("#invite-name").FillAsync("Carla Administradora");
        await first.Locator("#invite-email").FillAsync(email);
        await dialog.GetByRole(AriaRole.Checkbox, new() { Name = "Administrador" }).CheckAsync();
        await Expect(dialog.GetByText("otro administrador debe aprobarlo")).ToBeVisibleAsync();
        await Expect(dialog.GetByText($"Carla Administradora · {email} · Administrador")).ToBeVisibleAsync();
        await AssertAccessibleAsync(first);
        await first.Locator("#sign-password").FillAsync(PortalHost.AdministratorPassword);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Firmar y pedir" }).ClickAsync();
        await Expect(dialog.GetByText("Pedido: espera a otro administrador")).ToBeVisibleAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cerrar" }).ClickAsync();
        await Expect(first.GetByRole(AriaRole.Row).Filter(new() { HasText = email })).ToHaveCountAsync(0);

        var second = await SignedInAsync(
            PortalUrls.Approvals, new Look("es-PE", Dark: true, Width: 360), TwoPersonHost.SecondEmail);
        var card = second.GetByRole(AriaRole.Article).Filter(new() { HasText = email });
        await Expect(card).ToContainTextAsync("Invitar a Carla Administradora como administrador");
        await Expect(card).ToContainTextAsync("Este portal no envía correo: lo verá una vez");
        await AssertAccessibleAsync(second);
        await AssertFitsAsync(second);
        await card.GetByRole(AriaRole.Button, new() { Name = "Aprobar…" }).ClickAsync();
        await Expect(second.GetByText("Apruebo este cambio en el acceso de un administrador")).ToBeVisibleAsync();
        await AssertAccessibleAsync(second);
        await second.GetByLabel("Su contraseña").FillAsync(PortalHost.AdministratorPassword);
        await second.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Aprobar" }).ClickAsync();
        await Expect(card).ToHaveCountAsync(0);
        await Expect(second.GetByRole(AriaRole.Button, new() { Name = "Ver el enlace de Carla Administradora" }))
            .ToHaveCountAsync(0);

        await first.GotoAsync(PortalUrls.Approvals);
        await first.GetByRole(AriaRole.Button, new() { Name = "Ver el enlace de Carla Administradora" }).ClickAsync();
        await first.Locator("#sign-password").FillAsync(PortalHost.AdministratorPassword);
        await AssertAccessibleAsync(first);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Ver el enlace" }).ClickAsync();
        var message = await first.Locator("#link-message").InputValueAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cerrar" }).ClickAsync();
        await Expect(first.GetByRole(AriaRole.Button, new() { Name = "Ver el enlace de Carla Administradora" }))
            .ToHaveCountAsync(0);
        var theirs = await NewPageAsync();
        await theirs.GotoAsync(Regex.Match(message, "http://\\S+").Value);
        await Expect(theirs.Locator("#password")).ToBeVisibleAsync();

        // Another link for her needs a request again.
        var everybody = await host.Services.GetRequiredService<StaffDirectory>()
            .ListAsync(await host.AdministratorAsync(), Cancellation);
        await first.GotoAsync(PortalUrls.TeamMember(everybody.Single(s => s.Email == email).Id));
        await first.GetByRole(AriaRole.Button, new() { Name = "Invitar de nuevo" }).ClickAsync();
        await Expect(dialog.GetByText("otro administrador debe aprobarlo")).ToBeVisibleAsync();
        await AssertAccessibleAsync(first);
    }

    [Fact]
    public async Task ConsoleNotice_IsShownUntilEachAdministratorDismissesIt()
    {
        var email = $"{PortalTenants.NewName("consola")}@vigia.example";
        var page = await SignedInAsync();
        await host.Services.GetRequiredService<ConsoleAdministrators>()
            .MakeAsync(email, "Consuelo Servidor", "Consola de prueba", Cancellation);
        var band = page.Locator(".band").Filter(new() { HasText = email });
        await Expect(band).ToContainTextAsync("En la consola del servidor se hizo administrador a Consuelo Servidor");
        await page.GotoAsync(PortalUrls.Operations);
        await Expect(band).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await band.GetByRole(AriaRole.Button, new() { Name = "Leído: el aviso sobre Consuelo Servidor" }).ClickAsync();
        await Expect(band).ToHaveCountAsync(0);
        await page.ReloadAsync();
        await DrawnAsync(page);
        await Expect(band).ToHaveCountAsync(0);

        var second = await SignedInAsync("/", new Look("en", Dark: true, Width: 360), TwoPersonHost.SecondEmail);
        await Expect(second.Locator(".band").Filter(new() { HasText = email }))
            .ToContainTextAsync("On the server's console");
        await AssertAccessibleAsync(second);
        await AssertFitsAsync(second);
    }
}
