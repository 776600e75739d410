using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Portal;
using Vigia.Tests.Api;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.ServiceAccounts;

/// <summary>
/// An administrator makes a service account by hand, changes it and ends it; the test uses its tokens.
/// </summary>
public sealed class ServiceAccountPageTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Fact]
    public async Task Account_FromItsFirstTokenToItsEnd_WorksAsThePageSays()
    {
        await Host.AddStaffAsync("Berta Operadora", StaffRoles.Operator);
        var page = await SignedInAsync(PortalUrls.Team);
        await page.GetByRole(AriaRole.Link, new() { Name = "Cuentas de servicio" }).ClickAsync();
        await Expect(page.GetByText("No hay cuentas de servicio")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Crear cuenta de servicio" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.Locator("#service-name").FillAsync("Back End");
        await dialog.Locator("#service-networks").FillAsync("127.0.0.0/33");
        await SendAsync(dialog, "Crear cuenta de servicio");
        await Expect(dialog.Locator("#service-name"))
            .ToHaveAccessibleDescriptionAsync(new Regex("letras minúsculas"));
        await Expect(dialog.Locator("#service-networks"))
            .ToHaveAccessibleDescriptionAsync(new Regex("Esta red no es válida: «127.0.0.0/33»"));
        await Expect(dialog.Locator("#service-owner-1"))
            .ToHaveAccessibleDescriptionAsync(new Regex("exactamente dos responsables"));
        await AssertAccessibleAsync(page);
        await dialog.Locator("#service-name").FillAsync("backend");
        await dialog.Locator("#service-purpose").FillAsync("Atiende a los usuarios");
        await dialog.Locator("#service-owner-1").SelectOptionAsync(new SelectOptionValue { Index = 1 });
        await dialog.Locator("#service-owner-2").SelectOptionAsync(new SelectOptionValue { Index = 2 });
        await dialog.GetByLabel("Ver clientes").CheckAsync();
        await dialog.Locator("#service-networks").FillAsync("127.0.0.0/8\n::1");
        await SendAsync(dialog, "Crear cuenta de servicio");

        await Expect(page.Locator("#token-shown-title")).ToBeFocusedAsync();
        var token = await page.Locator(".token-secret code").InnerTextAsync();
        await AssertAccessibleAsync(page);
        using var program = new ApiCalls(Host.Address, token);
        (await program.GetAsync("clientes")).Expect(200);
        await page.ReloadAsync();
        await DrawnAsync(page);
        Assert.DoesNotContain(token, await page.ContentAsync(), StringComparison.Ordinal);
        var card = page.Locator(".service-account");
        await Expect(card).ToContainTextAsync(new Regex(
            $"backend.*Funciona.*Berta Operadora.*Ver clientes.*127.0.0.0/8 · ::1/128.*{token[..12]}….*hace un momento",
            RegexOptions.Singleline));

        await page.GetByRole(AriaRole.Button, new() { Name = "Token nuevo de backend" }).ClickAsync();
        await SendAsync(dialog, "Token nuevo");
        var second = await page.Locator(".token-secret code").InnerTextAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"Revocar {token[..12]}" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Revocar", Exact = true }).ClickAsync();
        await Expect(page.GetByText("Se revocó un token de «backend»")).ToBeVisibleAsync();
        Assert.Equal(401, (await program.GetAsync("clientes")).Status);
        using var changed = new ApiCalls(Host.Address, second);
        (await changed.GetAsync("clientes")).Expect(200);

        await page.GetByRole(AriaRole.Button, new() { Name = "Cambiar backend" }).ClickAsync();
        await dialog.GetByLabel("Ver clientes").UncheckAsync();
        await dialog.GetByLabel("Ver operaciones").CheckAsync();
        await SendAsync(dialog, "Guardar");
        await Expect(card).ToContainTextAsync("Ver operaciones");
        (await changed.GetAsync("clientes")).ExpectProblem(403, "forbidden");

        await page.GetByRole(AriaRole.Button, new() { Name = "Dar de baja backend" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Dar de baja", Exact = true }).ClickAsync();
        await page.GetByText("Dadas de baja (1)").ClickAsync();
        await Expect(card).ToContainTextAsync(new Regex("backend.*Dada de baja", RegexOptions.Singleline));
        Assert.Equal(401, (await changed.GetAsync("clientes")).Status);
        await AssertAccessibleAsync(page);

        await MakeElsewhereAsync("de-otra-ventana");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "de-otra-ventana" })).ToBeVisibleAsync();
    }

    private async Task MakeElsewhereAsync(string name)
    {
        var administrator = await Host.AdministratorAsync();
        List<Guid> owners = [];
        await Host.InMasterAsync(
            async db => owners = await db.Users.Select(s => s.Id).Take(2).ToListAsync(Cancellation));
        await using var scope = Host.Scope();
        await scope.ServiceProvider.GetRequiredService<ServiceAccountService>().CreateAsync(
            administrator, new ServiceAccountContent(
                name, "Prueba", owners, [Rights.TenantsView], ["127.0.0.0/8"], null,
                DateOnly.FromDateTime(DateTime.UtcNow.AddDays(30))),
            null, PortalHost.AdministratorPassword, Cancellation);
    }

    private static async Task SendAsync(ILocator dialog, string button)
    {
        await dialog.Locator("#sign-password").FillAsync(PortalHost.AdministratorPassword);
        await dialog.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
    }
}
