using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>
/// One rule for what was typed and not saved: it survives a lost page and says when it was typed, and it is dropped by
/// cancelling and by leaving, after a question. It never reaches another tenant.
/// </summary>
public sealed class DraftTests(SubjectHost host, Chromium chromium) : SubjectTest(host, chromium)
{
    private static readonly Regex Recovered = new(@"Recuperamos lo que escribió a las \d\d:\d\d");

    [Fact]
    public async Task NewTenant_Cancelled_TheNextOneStartsEmpty()
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
    public async Task NewTenant_PageLost_IsRecoveredAndCanBeDiscarded()
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
    public async Task Editor_OtherTab_IsAskedAndStaysOrGoes()
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

    [Fact]
    public async Task Editor_TypedWhileTheLineIsDown_IsSavedAfterwards()
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
    public async Task Dialog_PageLostUnderIt_IsRecoveredWhenItIsOpenedAgainAndDroppedByCancelling()
    {
        var page = await SignedInAsync(PortalUrls.Team);
        await page.GetByRole(AriaRole.Button, new() { Name = "Invitar" }).ClickAsync();
        await page.Locator("#invite-name").FillAsync("Julia Paz");
        await page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new Regex("^Soporte") }).CheckAsync();
        await page.Locator("#sign-password").FillAsync("no se guarda");
        await page.ReloadAsync();
        await DrawnAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Invitar" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByText(Recovered)).ToBeVisibleAsync();
        await Expect(page.Locator("#invite-name")).ToHaveValueAsync("Julia Paz");
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new Regex("^Soporte") })).ToBeCheckedAsync();
        await Expect(page.Locator("#sign-password")).ToHaveValueAsync("");
        await AssertAccessibleAsync(page);

        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancelar" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Invitar" }).ClickAsync();
        await Expect(page.Locator("#invite-name")).ToHaveValueAsync("");
        await Expect(page.GetByRole(AriaRole.Dialog).GetByText(Recovered)).Not.ToBeVisibleAsync();
    }
}
