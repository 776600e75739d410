using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Tokens;
using Vigia.Portal;
using Vigia.Tests.Api;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Tokens;

/// <summary>A person creates and revokes their own API tokens by hand, and the tests use them with the API.</summary>
public sealed class TokenPageTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Fact]
    public async Task Create_Token_IsShownOnceAndWorksUntilRevoked()
    {
        var page = await OnTokensAsync("Berta Operadora", StaffRoles.Operator);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Todavía no tiene tokens de la API" }))
            .ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        var token = await CreateAsync(page, "Facturación");
        await AssertAccessibleAsync(page);
        await Expect(page.Locator("#token-shown-title")).ToBeFocusedAsync();
        await Expect(page.Locator(".token-example"))
            .ToContainTextAsync(
            $"curl -H \"Authorization: Bearer $VIGIA_TOKEN\" \"{Host.Address}api/v1/admin/clientes\"");
        var row = page.GetByRole(AriaRole.List, new() { Name = "Tokens de la API" }).GetByRole(AriaRole.Listitem);
        await Expect(row).ToContainTextAsync(
            new Regex(
                $"Facturación.*Vigente.*{token[..12]}….*Creado hace un momento.*Último uso: nunca.*"
                + "Ver clientes · Exportar clientes · Ver operaciones", RegexOptions.Singleline));

        using var api = new ApiCalls(Host.Address, token);
        (await api.GetAsync("clientes")).Expect(200);
        (await api.PostAsync(
            "clientes", new
            {
                ruc = "20100070970", razon_social = "No S.A.C.", correo_acceso = "a@no.pe",
                subdominio = "no"
            })).ExpectProblem(403, "forbidden");
        (await api.GetAsync("audit")).ExpectProblem(403, "forbidden");
        await page.ReloadAsync();
        await DrawnAsync(page);
        await Expect(row).ToContainTextAsync("Último uso: hace un momento desde 127.0.0.1");
        Assert.DoesNotContain(token, await page.ContentAsync(), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Button, new() { Name = "Revocar «Facturación»" }).ClickAsync();
        await AssertAccessibleAsync(page);
        await page.Keyboard.PressAsync("Escape");
        (await api.GetAsync("clientes")).Expect(200);
        await page.GetByRole(AriaRole.Button, new() { Name = "Revocar «Facturación»" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Revocar", Exact = true })
            .ClickAsync();
        await Expect(page.GetByText("El token «Facturación» está revocado.")).ToBeVisibleAsync();
        Assert.Equal(401, (await api.GetAsync("clientes")).Status);
        await page.GetByText("Terminados (1)").ClickAsync();
        await Expect(page.GetByRole(AriaRole.List, new() { Name = "Terminados (1)" }))
            .ToContainTextAsync(new Regex("Facturación.*Revocado", RegexOptions.Singleline));
        await AssertAccessibleAsync(page);
    }

    [Fact]
    public async Task Create_InvalidInput_ShowsErrorsAndKeepsTheText()
    {
        var page = await OnTokensAsync("Carla Operadora", StaffRoles.Operator);
        await page.GetByRole(AriaRole.Button, new() { Name = "Crear un token" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.Locator("#token-name")).ToBeFocusedAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Nada" }).ClickAsync();
        await dialog.Locator("#token-ends").FillAsync("31/02/2027");
        await SendAsync(dialog, "no-es-la-suya");
        await Expect(dialog.Locator("#token-ends")).ToBeFocusedAsync();
        await Expect(dialog.Locator("#token-ends"))
            .ToHaveAccessibleDescriptionAsync(new Regex("Escriba una fecha que exista"));
        await Expect(dialog.Locator("#token-name")).ToHaveAttributeAsync("aria-invalid", "false");
        await dialog.Locator("#token-ends").FillAsync("31/01/2020");
        await SendAsync(dialog, "no-es-la-suya");

        await Expect(dialog.Locator("#token-name"))
            .ToHaveAccessibleDescriptionAsync(new Regex("Escriba un nombre para el token"));
        await Expect(dialog.Locator("#token-ends"))
            .ToHaveAccessibleDescriptionAsync(new Regex("Elija un último día entre hoy y dentro de 365 días"));
        await Expect(dialog.GetByRole(AriaRole.Group, new() { Name = "Qué puede hacer" }))
            .ToHaveAccessibleDescriptionAsync(new Regex("Elija al menos un permiso"));
        await AssertAccessibleAsync(page);
        await dialog.Locator("#token-name").FillAsync("Informe");
        await dialog.Locator("#token-ends")
            .FillAsync(DateTime.UtcNow.AddDays(3)
            .ToString("dd'/'MM'/'yyyy", System.Globalization.CultureInfo.InvariantCulture));
        await dialog.GetByLabel("Ver operaciones").CheckAsync();
        await SendAsync(dialog, "no-es-la-suya");
        await Expect(dialog.Locator("#token-password"))
            .ToHaveAccessibleDescriptionAsync("La contraseña no es la suya.");
        await SendAsync(dialog, SecondFactorPages.Password);

        await Expect(page.Locator(".token-list > li"))
            .ToContainTextAsync(new Regex("Informe.*Vence pronto.*Ver operaciones", RegexOptions.Singleline));
        await Expect(page.Locator(".token-example")).ToContainTextAsync("/api/v1/admin/operations");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ya lo guardé" }).ClickAsync();
        await Expect(page.Locator(".token-shown")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Crear un token" }).ClickAsync();
        await dialog.Locator("#token-name").FillAsync("Informe");
        await SendAsync(dialog, SecondFactorPages.Password);
        await Expect(dialog.Locator("#token-name"))
            .ToHaveAccessibleDescriptionAsync(new Regex("Ya tiene un token vigente con ese nombre"));
    }

    [Theory]
    [InlineData(StaffRoles.Administrator)]
    [InlineData(StaffRoles.Operator)]
    [InlineData(StaffRoles.Support)]
    [InlineData(StaffRoles.Auditor)]
    public async Task TokenRights_EveryRole_OffersOnlyThePersonsOwn(string role)
    {
        var page = await OnTokensAsync($"Zoila {role}", role);
        await page.GetByRole(AriaRole.Button, new() { Name = "Crear un token" }).ClickAsync();
        await Expect(page.Locator("#token-name")).ToBeFocusedAsync();

        var offered = await page.GetByRole(AriaRole.Dialog)
            .GetByRole(AriaRole.Checkbox).EvaluateAllAsync<string[]>("boxes => boxes.map(box => box.value)");
        Assert.Equal(ApiTokens.Grantable.Where(Rights.ByRole[role].Contains).Order(), offered.Order());
        Assert.All(await page.GetByRole(AriaRole.Checkbox, new() { Checked = true }).EvaluateAllAsync<string[]>(
            "boxes => boxes.map(box => box.value)"), right =>
            Assert.Contains(right,
                new[] { Rights.TenantsView, Rights.TenantsExport, Rights.OperationsView, Rights.AuditView,
                Rights.AuditVerify, Rights.TenantsDiagnose }));
        await page.GetByRole(AriaRole.Button, new() { Name = "Todo lo que usted puede" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Checked = false })).ToHaveCountAsync(0);
    }

    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task DialogAndToken_EveryLook_AreAccessibleAndFit(string language, bool dark, int width)
    {
        var member = await Host.AddStaffAsync("Dora Administradora", StaffRoles.Administrator);
        var page = await SignedInAsync(
            PortalUrls.MyTokens, new Look(language, dark, width), member.Email!, SecondFactorPages.Password);
        await page.Locator("main button.mud-button-filled").ClickAsync();
        await page.Locator("#token-name").FillAsync("Integración con el sistema de facturación de la matriz");
        await page.GetByRole(
            AriaRole.Button, new() { Name = language == "en" ? "All that you may" : "Todo lo que usted puede" })
            .ClickAsync();
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);

        await page.Locator("#token-password").FillAsync(SecondFactorPages.Password);
        await page.Locator("#token-password").PressAsync("Enter");

        await Expect(page.Locator(".token-list > li")).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await page.Locator(".token-list summary").ClickAsync();
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    [Fact]
    public async Task MyAccount_WithTokens_ShowsTheirNumberAndLinksThere()
    {
        var member = await Host.AddStaffAsync("Elsa Soporte", StaffRoles.Support);
        await Host.Services.GetRequiredService<ApiTokens>().CreateAsync(
            SecondFactorPages.ActorOf(member, StaffRoles.Support),
            new NewApiToken("Guardia", [Rights.TenantsView], DateOnly.FromDateTime(DateTime.UtcNow.AddDays(30))),
            SecondFactorPages.Password, Cancellation);
        var page = await SignedInAsync(
            PortalUrls.MyAccount, email: member.Email!, password: SecondFactorPages.Password);

        await Expect(page.GetByText("Tokens vigentes: 1.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Ver y crear tokens" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Tokens de la API", Level = 1 }))
            .ToBeVisibleAsync();
        await Expect(page.Locator(".token-list > li")).ToContainTextAsync("Guardia");
    }

    private async Task<IPage> OnTokensAsync(string name, string role)
    {
        var member = await Host.AddStaffAsync(name, role);
        return await SignedInAsync(PortalUrls.MyTokens, email: member.Email!, password: SecondFactorPages.Password);
    }

    private static async Task<string> CreateAsync(IPage page, string name)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Crear un token" }).ClickAsync();
        await page.Locator("#token-name").FillAsync(name);
        await SendAsync(page.GetByRole(AriaRole.Dialog), SecondFactorPages.Password);
        return await page.Locator(".token-secret code").InnerTextAsync();
    }

    private static async Task SendAsync(ILocator dialog, string password)
    {
        await dialog.Locator("#token-password").FillAsync(password);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Crear un token" }).ClickAsync();
    }
}
