using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>
/// The connection between the browser and the portal is slow or is cut while a tenant's page becomes the next tenant's
/// page.
/// </summary>
public sealed class LostConnectionTests(LateAnswerHost host, Chromium chromium) : LateAnswerTest(host, chromium)
{
    [Fact]
    public async Task Navigation_SlowConnection_ClicksOnTheOldPageChangeNoOtherTenant()
    {
        var (one, two) = (Host.Tenants[0], Host.Tenants[1]);
        var before = await ReadAsync(two, "contacto_nombre");
        var page = await InListAsync();
        await GoAsync(page, Address(one, null));
        await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).ClickAsync();
        await Expect(page.Locator("#razon_social")).ToHaveValueAsync(new Regex(one.Name));

        Host.Line.HoldAnswers();
        await page.Locator($"nav.neighbours a[href='{Address(two, null)}']").ClickAsync();
        await page.Locator("#contacto_nombre").FillAsync("Persona de Alfa");
        await SaveAsync(page);
        Host.Line.Release();

        await Expect(page).ToHaveURLAsync(new Regex(Regex.Escape(Address(two, null)) + "$"));
        await AssertShowsAsync(page, two, Host.Tenants);
        await RoundTripAsync(page);
        Assert.Equal(before, await ReadAsync(two, "contacto_nombre"));
    }

    [Fact]
    public async Task Save_ConnectionLost_PageShowsTheStoredValuesAfterwards()
    {
        Expected.AddRange(["WebSocket", "ERR_", "Connection disconnected", "Failed to"]);
        var (one, two) = (Host.Tenants[0], Host.Tenants[1]);
        var before = await ReadAsync(two, "contacto_nombre");
        var page = await InListAsync();
        await GoAsync(page, Address(one, null));
        await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).ClickAsync();
        await page.Locator("#contacto_nombre").FillAsync("Antes del corte");

        Host.Line.HoldAnswers();
        await SaveAsync(page);
        await Eventually.HoldsAsync(
            "it is saved", async () => await ReadAsync(one, "contacto_nombre") == "Antes del corte", Cancellation);
        Host.Line.Cut();
        Host.Line.Release();

        await Expect(page.Locator("#components-reconnect-modal")).Not.ToBeVisibleAsync(new() { Timeout = 20_000 });
        await AssertShowsAsync(page, one, Host.Tenants);
        await Expect(page.Locator("main")).ToContainTextAsync("Antes del corte");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Editar" })).ToBeVisibleAsync();
        await GoAsync(page, Address(two, null));
        await AssertShowsAsync(page, two, Host.Tenants);
        Assert.Equal(before, await ReadAsync(two, "contacto_nombre"));

        // The browser never received the answer to the save. Its draft equals the saved values, so it does not count as
        // a draft.
        await GoAsync(page, Address(one, null));
        await AssertShowsAsync(page, one, Host.Tenants);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Editar" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Recuperamos lo que escribió")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Connection_SessionEndedWhileItWasLost_ShowsTheSignInPage()
    {
        Expected.AddRange(["WebSocket", "ERR_", "Connection disconnected", "Failed to", "Cannot send data"]);
        var (_, email) = await Host.MemberAsync("Celia Cortada", PortalTeam.Access(StaffRoles.Operator));
        var page = await SignedInAsync(PortalUrls.Operations, email: email);
        Host.Line.Stop();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        await ScalarAsync(
            $"""
            UPDATE portal.staff_sessions SET ended_at = now()
            WHERE staff_id = (SELECT id FROM portal.staff WHERE email = '{email}');
            SELECT pg_notify('vigia_staff', id::text) FROM portal.staff WHERE email = '{email}'
            """);

        Host.Line.Restart();

        await Expect(page).ToHaveURLAsync(new Regex("/cuenta/entrar"), new() { Timeout = 20_000 });
        await Expect(page.Locator("main")).Not.ToContainTextAsync("Operaciones");
    }

    [Fact]
    public async Task Navigation_ConnectionLost_PageShowsTheNextTenantAfterwards()
    {
        Expected.AddRange(["WebSocket", "ERR_", "Connection disconnected", "Failed to"]);
        var page = await InListAsync();
        await GoAsync(page, Address(Host.Tenants[0], "operaciones"));
        await AssertShowsAsync(page, Host.Tenants[0], Host.Tenants);
        Host.Line.HoldAnswers();
        await NextAsync(page, Host.Tenants[1], "operaciones");
        Host.Line.Cut();
        Host.Line.Release();

        await Expect(page.Locator("#components-reconnect-modal")).Not.ToBeVisibleAsync(new() { Timeout = 20_000 });
        await AssertShowsAsync(page, Host.Tenants[1], Host.Tenants);
    }

    [Fact]
    public async Task LeavingAForm_ConnectionLost_PageMatchesItsAddressAfterwards()
    {
        Expected.AddRange(["WebSocket", "ERR_", "Connection disconnected", "Failed to"]);
        var (one, two) = (Host.Tenants[0], Host.Tenants[1]);
        var page = await InListAsync();
        await GoAsync(page, Address(one, "configuracion"));
        await AssertShowsAsync(page, one, Host.Tenants);
        Host.Line.HoldAnswers();
        await page.Locator($"nav.neighbours a[href='{Address(two, "configuracion")}']").ClickAsync();
        Host.Line.Cut();
        Host.Line.Release();

        // The server could not say whether something was typed there, so the form was not left.
        await Expect(page.Locator("#components-reconnect-modal")).Not.ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Eventually.HoldsAsync("the page is that of its address", async () =>
        {
            var (shown, other) = page.Url.Contains($"/{two.Id}?", StringComparison.Ordinal) ? (two, one) : (one, two);
            var text = await page.Locator("main").InnerTextAsync();
            return text.Contains(shown.Name, StringComparison.Ordinal)
                && !text.Contains(other.Name, StringComparison.Ordinal);
        }, Cancellation);
        await GoAsync(page, Address(two, "configuracion"));
        await AssertShowsAsync(page, two, Host.Tenants);
    }
}
