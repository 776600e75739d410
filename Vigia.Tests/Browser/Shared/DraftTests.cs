using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Shared;

/// <summary>
/// One rule for what was typed and not saved: it survives a lost page and says when it was typed, and it is dropped by
/// cancelling and by leaving, after a question. It never reaches another tenant.
/// </summary>
public sealed class DraftTests(LateAnswerHost host, Chromium chromium) : LateAnswerTest(host, chromium)
{
    private static readonly Regex Recovered = new(@"Recuperamos lo que escribió a las \d\d:\d\d");

    [Fact]
    public async Task NewTenant_Cancelled_TheNextFormIsEmpty()
    {
        var page = await SignedInAsync(PortalUrls.NewTenant);
        await page.Locator("#contacto_nombre").FillAsync("El contacto del anterior");
        await page.Locator("#razon_social").FillAsync("Anterior S.A.C.");

        await page.GetByRole(AriaRole.Button, new() { Name = "Cancelar" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex(PortalUrls.Tenants + "$"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Nuevo cliente" }).ClickAsync();

        await Expect(page.Locator("#razon_social")).ToHaveValueAsync("");
        await Expect(page.Locator("#contacto_nombre")).ToHaveValueAsync("");
        await Expect(page.GetByText(Recovered)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task NewTenant_PageLost_DraftIsRestoredAndCanBeDiscarded()
    {
        var page = await SignedInAsync(PortalUrls.NewTenant);
        await page.Locator("#razon_social").FillAsync("A Medias S.A.C.");
        await page.ReloadAsync();
        await DrawnAsync(page);
        await Expect(page.GetByText(Recovered)).ToBeVisibleAsync();
        await Expect(page.Locator("#razon_social")).ToHaveValueAsync("A Medias S.A.C.");
        await AssertAccessibleAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Descartar" }).ClickAsync();

        await Expect(page.GetByText(Recovered)).ToHaveCountAsync(0);
        await Expect(page.Locator("#razon_social")).ToHaveValueAsync("");
        await page.ReloadAsync();
        await DrawnAsync(page);
        await Expect(page.Locator("#razon_social")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task Editor_ChangeOfTab_AsksAboutTheDraft()
    {
        var (tenant, page) = (Host.Tenants[0], await InListAsync());
        await GoAsync(page, Address(tenant, null));
        await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).ClickAsync();
        await page.Locator("#contacto_nombre").FillAsync("A medias");

        await page.Locator(".tabs").GetByRole(AriaRole.Link, new() { Name = "Operaciones" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("¿Salir sin guardar?");
        await AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Seguir escribiendo" }).ClickAsync();
        await Expect(page.Locator("#contacto_nombre")).ToHaveValueAsync("A medias");

        await page.Locator(".tabs").GetByRole(AriaRole.Link, new() { Name = "Operaciones" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Salir sin guardar" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("seccion=operaciones"));
        await page.Locator(".tabs").GetByRole(AriaRole.Link, new() { Name = "Resumen" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Editar" })).ToBeVisibleAsync();
        await Expect(page.GetByText(Recovered)).ToHaveCountAsync(0);
    }

    // The browser hears of no event when the server fills a field.
    [Fact]
    public async Task Editor_ValueSetByAButton_IsKeptInTheDraft()
    {
        var (tenant, page) = (Host.Tenants[1], await InListAsync());
        await ScalarAsync($"UPDATE clientes_saas SET max_usuarios = 8 WHERE id = {tenant.Id}");
        await GoAsync(page, Address(tenant, null));
        await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).ClickAsync();
        var users = page.Locator("#max_usuarios");
        await Expect(users).ToHaveValueAsync("8");
        await page.GetByRole(AriaRole.Button, new() { Name = "Usar los del plan" }).ClickAsync();
        await Expect(users).Not.ToHaveValueAsync("8");
        var ofThePlan = await users.InputValueAsync();

        await page.Locator(".tabs").GetByRole(AriaRole.Link, new() { Name = "Operaciones" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("¿Salir sin guardar?");
        await page.GetByRole(AriaRole.Button, new() { Name = "Seguir escribiendo" }).ClickAsync();
        await users.FillAsync("33");
        await page.GetByRole(AriaRole.Button, new() { Name = "Usar los del plan" }).ClickAsync();
        await Expect(users).ToHaveValueAsync(ofThePlan);
        await RoundTripAsync(page);
        await page.ReloadAsync();
        await DrawnAsync(page);

        await Expect(page.GetByText(Recovered)).ToBeVisibleAsync();
        await Expect(users).ToHaveValueAsync(ofThePlan);
        await page.GetByRole(AriaRole.Button, new() { Name = "Descartar" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Editar" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Editor_TypedWithoutConnection_IsSavedAfterwards()
    {
        Expected.AddRange(["WebSocket", "ERR_", "Connection disconnected", "Failed to", "Cannot send data"]);
        var (tenant, page) = (Host.Tenants[2], await InListAsync());
        await GoAsync(page, Address(tenant, null));
        await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).ClickAsync();
        await Expect(page.Locator("#contacto_nombre")).ToBeVisibleAsync();

        Host.Line.Stop();
        await page.EvaluateAsync(
            """
            () => {
                const field = document.getElementById("contacto_nombre");
                field.value = "Sin conexión";
                field.dispatchEvent(new Event("input", { bubbles: true }));
                field.dispatchEvent(new Event("change", { bubbles: true }));
            }
            """);
        Host.Line.Restart();
        await Expect(page.Locator("#components-reconnect-modal")).Not.ToBeVisibleAsync(new() { Timeout = 30_000 });
        await RoundTripAsync(page);
        await SaveAsync(page);

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Editar" })).ToBeVisibleAsync();
        Assert.Equal("Sin conexión", await ReadAsync(tenant, "contacto_nombre"));
    }

    [Fact]
    public async Task Dialog_PageLost_DraftIsRestoredOnReopenAndDroppedOnCancel()
    {
        var page = await SignedInAsync(PortalUrls.Team);
        await page.GetByRole(AriaRole.Button, new() { Name = "Invitar" }).ClickAsync();
        await page.Locator("#invite-name").FillAsync("Julia Paz");
        await page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new Regex("^Auditor") }).CheckAsync();
        await page.Locator("#access-limited").CheckAsync();
        await page.Locator("#choose-tenants").FillAsync(Host.Tenants[0].Name);
        await page.Locator(".chooser-hits button").First.ClickAsync();
        await page.Locator(".date-field button").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".mud-picker-calendar")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#access-ends")).Not.ToHaveValueAsync("");
        var day = await page.Locator("#access-ends").InputValueAsync();
        await page.Locator("#sign-password").FillAsync("no se guarda");
        await RoundTripAsync(page);
        await page.ReloadAsync();
        await DrawnAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Invitar" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByText(Recovered)).ToBeVisibleAsync();
        await Expect(page.Locator("#invite-name")).ToHaveValueAsync("Julia Paz");
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new Regex("^Auditor") })).ToBeCheckedAsync();
        await Expect(page.Locator(".chips li")).ToHaveTextAsync($"Cliente {Host.Tenants[0].Name}");
        await Expect(page.Locator("#choose-tenants")).ToHaveValueAsync("");
        await Expect(page.Locator("#access-ends")).ToHaveValueAsync(day);
        await Expect(page.Locator("#sign-password")).ToHaveValueAsync("");
        await AssertAccessibleAsync(page);

        await page.EvaluateAsync("address => Blazor.navigateTo(address)", PortalUrls.Tenants);
        await Expect(page.GetByText("Lo que escribió se perderá.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Seguir escribiendo" }).ClickAsync();
        await Expect(page.Locator("#invite-name")).ToHaveValueAsync("Julia Paz");

        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancelar" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Invitar" }).ClickAsync();
        await Expect(page.Locator("#invite-name")).ToHaveValueAsync("");
        await Expect(page.GetByRole(AriaRole.Dialog).GetByText(Recovered)).Not.ToBeVisibleAsync();
    }
}
