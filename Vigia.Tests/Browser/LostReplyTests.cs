using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>
/// The connection breaks while the page waits for its browser. The outcome is shown all the same, and so are
/// later changes.
/// </summary>
public sealed class LostReplyTests(LateAnswerHost host, Chromium chromium) : LateAnswerTest(host, chromium)
{
    [Fact]
    public async Task Register_ConnectionLostAfterwards_PageGoesToTheNewTenant()
    {
        Expected.AddRange(["WebSocket", "ERR_", "Connection disconnected", "Failed to"]);
        var name = PortalTenants.NewName("cortado");
        var page = await SignedInAsync(PortalUrls.NewTenant);
        await page.Locator("#ruc").FillAsync(Rucs.Next(7_700_000));
        await page.Locator("#razon_social").FillAsync($"Cliente {name}");
        await page.Locator("#subdominio").FillAsync(name);
        await page.Locator("#correo_acceso").FillAsync($"a@{name}.pe");
        await page.Locator("#entorno").SelectOptionAsync(TenantEnvironments.Demo);
        await page.Locator("#provision").UncheckAsync();
        await Expect(page.GetByText($"https://{name}.").First).ToBeVisibleAsync();

        Host.Line.HoldAnswers();
        await page.GetByRole(AriaRole.Button, new() { Name = "Registrar cliente" }).ClickAsync();
        await Eventually.HoldsAsync(
            "it is registered",
            async () => await ScalarAsync($"SELECT count(*) FROM clientes_saas WHERE subdominio = '{name}'") is 1L,
            Cancellation);
        Host.Line.Cut();
        Host.Line.Release();

        await Expect(page).ToHaveURLAsync(new Regex($"{PortalUrls.Tenants}/\\d+$"), new() { Timeout = 30_000 });
        await Expect(page.Locator("h1")).ToContainTextAsync(name);
        await GoAsync(page, PortalUrls.NewTenant);
        await Expect(page.Locator("#ruc")).ToHaveValueAsync("");
        await Expect(page.GetByText("Recuperamos lo que escribió")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Notice_ConnectionLost_ThisOneAndTheNextAreShown()
    {
        Expected.AddRange(["WebSocket", "ERR_", "Connection disconnected", "Failed to"]);
        var page = await SignedInAsync(PortalUrls.Team);
        await HoldsAsync(page, "localStorage.getItem('vigia:told-until') !== null");

        Host.Line.HoldAnswers();
        var first = PortalTenants.NewName("primero");
        await Host.ReadyTenantAsync(first, TenantEnvironments.Demo);
        await Eventually.HoldsAsync(
            "the portal tells it", () => Task.FromResult(Host.Line.Waiting > 0), Cancellation);
        Host.Line.Cut();
        Host.Line.Release();

        var bell = page.Locator("#notice-list");
        await Expect(page.Locator("#components-reconnect-modal")).Not.ToBeVisibleAsync(new() { Timeout = 30_000 });
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Avisos: ") }).ClickAsync();
        await Expect(bell).ToContainTextAsync(first);
        var second = PortalTenants.NewName("segundo");
        await Host.ReadyTenantAsync(second, TenantEnvironments.Demo);
        await Expect(bell).ToContainTextAsync(second);
    }
}
