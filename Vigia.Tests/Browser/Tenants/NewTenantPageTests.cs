using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Tenants;

/// <summary>
/// A person from a tenant is on the telephone. Staff can do everything with the keyboard, in less than a minute.
/// </summary>
public sealed class NewTenantPageTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    private const int KeysPerSecond = 5;

    [Fact]
    public async Task NewTenant_ByKeyboardAlone_IsRegisteredAndTheMessageIsCopied()
    {
        var page = await SignedInAsync(PortalUrls.NewTenant);
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await Expect(page.Locator("#ruc")).ToBeFocusedAsync();
        var keys = 0;
        var watch = Stopwatch.StartNew();

        keys += await TypeAsync(page, Rucs.Next(901));
        await Expect(page.GetByText("Bien formado.", new() { Exact = false })).ToBeVisibleAsync();
        keys += await TypeAsync(page, "", "Tab", "Tab");
        keys += await TypeAsync(page, "Botica Ñusta S.A.C.", "Tab", "Tab");
        keys += await TypeAsync(page, "quilla@nusta.pe", "Tab");
        keys += await TypeAsync(page, "Quilla Ñusta", "Enter");
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Activo", new() { Timeout = 40_000 });
        var invite = page.GetByRole(AriaRole.Button, new() { Name = "Invitar", Exact = true });
        await Expect(invite).ToBeVisibleAsync();

        // After a navigation the title of the page has the focus. The primary action is a few tabs away.
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeFocusedAsync();
        var tabs = 0;
        while (!await invite.EvaluateAsync<bool>("button => button === document.activeElement"))
        {
            await page.Keyboard.PressAsync("Tab");
            Assert.True(++tabs < 25, "Invitar is out of the keyboard's reach.");
        }

        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#invite-password")).ToBeFocusedAsync();
        keys += await TypeAsync(page, PortalHost.AdministratorPassword);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Copiar mensaje para el cliente" }))
            .ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("Mensaje copiado.")).ToBeVisibleAsync();
        watch.Stop();

        // The page behind the dialog knows of the invitation.
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".mud-dialog")).ToHaveCountAsync(0);
        await Expect(page.Locator("main")).ToContainTextAsync("para quilla@nusta.pe, vence");
        await Expect(page.Locator("main")).Not.ToContainTextAsync("Todavía no se ha invitado a nadie");
        var message = await page.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.Contains("Estimado(a) Quilla Ñusta", message, StringComparison.Ordinal);
        Assert.Contains("https://botica-nusta.vigia.example/invitacion?token=", message, StringComparison.Ordinal);
        Assert.Contains("quilla@nusta.pe", message, StringComparison.Ordinal);

        // The time of the machine, and the time of the keys at a person's speed.
        var person = watch.Elapsed + TimeSpan.FromSeconds((keys + tabs + 3.0) / KeysPerSecond);
        Assert.True(person < TimeSpan.FromMinutes(1), $"{person.TotalSeconds:0} s of a person's time");
    }

    [Fact]
    public async Task Ruc_OfASuspendedTenant_NamesItAndSinceWhen()
    {
        await using var scope = Host.Scope();
        var actor = await Host.AdministratorAsync();
        var registered = await scope.ServiceProvider.GetRequiredService<TenantRegistration>()
            .RegisterAsync(actor, new RegisterTenant
            {
                Ruc = Rucs.Next(902),
                Subdomain = "ya-existe",
                Details = new TenantDetails
                {
                    LegalName = "Ya Existe S.A.C.", AccessEmail = "a@yaexiste.pe",
                    Plan = "basico", Environment = "produccion"
                },
            }, Cancellation);
        await Eventually.HoldsAsync("it is ready", async () =>
            (await scope.ServiceProvider.GetRequiredService<TenantSearch>()
                .GetAsync(actor, registered.TenantId, Cancellation)).View!.Row.State == TenantState.Ready,
                Cancellation);
        await scope.ServiceProvider.GetRequiredService<TenantActivation>()
            .SuspendAsync(actor, registered.TenantId, "falta_de_pago", null, Cancellation);
        var page = await SignedInAsync(PortalUrls.NewTenant);

        await page.Locator("#ruc").FillAsync(Rucs.Next(902)[..2] + " " + Rucs.Next(902)[2..]);

        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Ya Existe S.A.C." })).ToBeVisibleAsync();
        await Expect(page.GetByText("Suspendido desde el", new() { Exact = false }))
            .ToContainTextAsync("Falta de pago");
        await Expect(page.Locator("#ruc"))
            .ToHaveAccessibleDescriptionAsync(
            new System.Text.RegularExpressions.Regex("Ya existe un cliente con este RUC"));

        // The field says it. On top there is where to look.
        await page.Locator("#razon_social").FillAsync("Otra Botica S.A.C.");
        await page.Locator("#correo_acceso").FillAsync("a@otrabotica.pe");
        await page.GetByRole(AriaRole.Button, new() { Name = "Registrar cliente" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Revise lo señalado: no se registró nada.");
        await Expect(page.Locator("main").GetByText("Ya existe un cliente con este RUC")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Link, new() { Name = "Ya Existe S.A.C." }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Salir sin guardar" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Ya Existe S.A.C.", Level = 1 }))
            .ToBeVisibleAsync();
    }

    [Fact]
    public async Task Form_PageReloaded_KeepsItsText()
    {
        var page = await SignedInAsync(PortalUrls.NewTenant);
        await page.Locator("#razon_social").FillAsync("A Medias S.A.C.");
        await page.Locator("#plan").SelectOptionAsync("empresarial");
        await page.ReloadAsync();
        await DrawnAsync(page);

        await Expect(page.Locator("#razon_social")).ToHaveValueAsync("A Medias S.A.C.");
        await Expect(page.Locator("#subdominio")).ToHaveValueAsync("a-medias");
        await Expect(page.Locator("#plan")).ToHaveValueAsync("empresarial");
        await Expect(page.GetByText("Recuperamos lo que escribió a las ")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("ruc", "20131312956", "El dígito de control no coincide")]
    [InlineData("ruc", "2013131295A", "El RUC solo lleva dígitos")]
    [InlineData("subdominio", "Mayúscula", "Solo minúsculas")]
    [InlineData("subdominio", "'; drop database vigia_x; --", "Solo minúsculas")]
    [InlineData("subdominio", "www", "está reservado")]
    [InlineData("correo_acceso", "no es correo", "Eso no es un correo")]
    [InlineData("razon_social", "Con\u202Ebidi", "carácter que no se admite")]
    public async Task Field_Invalid_ShowsItsErrorAndKeepsTheText(string field, string typed, string message)
    {
        var page = await SignedInAsync(PortalUrls.NewTenant);

        await page.Locator($"#{field}").FillAsync(typed);
        await page.Keyboard.PressAsync("Tab");

        await Expect(page.Locator($"#{field}"))
            .ToHaveAccessibleDescriptionAsync(
            new System.Text.RegularExpressions.Regex(System.Text.RegularExpressions.Regex.Escape(message)));
        await Expect(page.Locator($"#{field}")).ToHaveValueAsync(typed);
    }

    [Fact]
    public async Task Config_LargePaste_IsRefusedAndTheCircuitSurvives()
    {
        await using var scope = Host.Scope();
        var registered = await scope.ServiceProvider.GetRequiredService<TenantRegistration>()
            .RegisterAsync(await Host.AdministratorAsync(), new RegisterTenant
            {
                Ruc = Rucs.Next(903),
                Subdomain = "pegado-grande",
                Provision = false,
                Details = new TenantDetails
                {
                    LegalName = "Pegado Grande S.A.C.", AccessEmail = "a@pegado.pe",
                    Plan = "basico", Environment = "produccion"
                },
            }, Cancellation);
        var page = await SignedInAsync($"{PortalUrls.Tenant(registered.TenantId)}?seccion=configuracion");

        await page.Locator("#config").FillAsync($"{{\"a\": \"{new string('x', 300_000)}\"}}");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByText("La configuración pasa de 256 KB.")).ToBeVisibleAsync();
        await page.Locator("#config").FillAsync("{\"idioma\": \"es\"}");
        await page.Keyboard.PressAsync("Tab");
        // The message above the button disappears first, because the button moves then.
        await Expect(page.GetByText("La configuración pasa de 256 KB.")).ToBeHiddenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();

        await Expect(page.GetByText("Guardado: configuración.")).ToBeVisibleAsync();
    }

    private static async Task<int> TypeAsync(IPage page, string text, params string[] then)
    {
        await page.Keyboard.TypeAsync(text);
        foreach (var key in then)
        {
            await page.Keyboard.PressAsync(key);
        }

        return text.Length + then.Length;
    }
}
