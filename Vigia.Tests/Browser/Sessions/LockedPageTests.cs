using System.Collections.Concurrent;
using System.Text;
using Microsoft.Playwright;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Sessions;

/// <summary>
/// A locked tab contains nothing of the page and gets no updates. After the unlock everything comes back.
/// </summary>
public sealed class LockedPageTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    // A lock concerns the session, so two pages that are locked apart need two.
    protected override bool SignsInEachTime => true;

    [Fact]
    public async Task Locked_Page_IsRemovedFromTheDocumentAndNotUpdated()
    {
        var name = PortalTenants.NewName("presente");
        await Host.RegisterAsync(name, provision: false);
        var first = await SignedInAsync();
        var page = await first.Context.NewPageAsync();
        var received = new ConcurrentQueue<byte[]>();
        page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) =>
            received.Enqueue(frame.Binary ?? Encoding.UTF8.GetBytes(frame.Text ?? ""));
        await page.GotoAsync($"{PortalUrls.Tenants}?q={name}");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        Assert.Contains(name, await page.ContentAsync(), StringComparison.Ordinal);
        Assert.Contains(received, frame => Holds(frame, name));

        await LockAsync(page);

        Assert.DoesNotContain(name, await page.ContentAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await page.Locator("tbody tr, .side-menu, .top-bar").CountAsync());
        var other = await SignedInAsync($"{PortalUrls.Tenants}?q={name}");
        await Expect(other.Locator("tbody tr")).ToHaveCountAsync(1);
        await PostgresServer.ExecuteAsync(
            Host.Master, $"UPDATE clientes_saas SET razon_social = 'Cambiada {name}' WHERE subdominio = '{name}'",
            Cancellation);
        await Expect(other.GetByText($"Cambiada {name}")).ToBeVisibleAsync();
        Assert.DoesNotContain(received, frame => Holds(frame, "Cambiada"));
        Assert.DoesNotContain(name, await page.ContentAsync(), StringComparison.Ordinal);

        await UnlockAsync(page);

        await Expect(page.GetByText($"Cambiada {name}")).ToBeVisibleAsync();
        Assert.EndsWith($"?q={name}", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locked_TypedText_IsKeptAfterUnlockAndReload()
    {
        var page = await SignedInAsync(PortalUrls.NewTenant);
        await page.Locator("#razon_social").FillAsync("Botica del Centro S.A.C.");
        await Expect(page.Locator("#subdominio")).ToHaveValueAsync("botica-centro");

        await LockAsync(page);
        Assert.DoesNotContain("Botica", await page.ContentAsync(), StringComparison.Ordinal);
        await UnlockAsync(page);
        await Expect(page.Locator("#razon_social")).ToHaveValueAsync("Botica del Centro S.A.C.");

        await LockAsync(page);
        await page.ReloadAsync();
        await page.Locator("#password").FillAsync(PortalHost.AdministratorPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Desbloquear" }).ClickAsync();
        await Expect(page.Locator("#razon_social")).ToHaveValueAsync("Botica del Centro S.A.C.");
    }

    [Fact]
    public async Task Locked_OpenDialog_KeepsItsTextAndFocus()
    {
        var name = PortalTenants.NewName("dialogo");
        var tenant = await Host.ReadyTenantAsync(name);
        var page = await SignedInAsync(PortalUrls.Tenant(tenant));
        await page.GetByRole(AriaRole.Button, new() { Name = "Suspender" }).First.ClickAsync();
        var reason = page.Locator(".mud-dialog textarea").First;
        await reason.FillAsync("No pagó en noviembre");

        // Another tab, because the dialog covers the button of this one.
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync(PortalUrls.Panel);
        await DrawnAsync(other);
        await LockAsync(other);
        await Expect(page.Locator("#lock")).ToBeVisibleAsync();
        Assert.DoesNotContain("noviembre", await page.ContentAsync(), StringComparison.Ordinal);
        await UnlockAsync(other);

        await Expect(page.Locator("#lock")).ToBeHiddenAsync();
        await Expect(reason).ToHaveValueAsync("No pagó en noviembre");
        await Expect(reason).ToBeFocusedAsync();
    }

    private static bool Holds(byte[] frame, string text) => frame.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    private static async Task LockAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Su cuenta" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Bloquear ahora" }).ClickAsync();
        await Expect(page.Locator("#lock")).ToBeVisibleAsync();
        await Eventually.HoldsAsync(
            "the server knows of the lock",
            async () => (await (await page.APIRequest.GetAsync(PortalUrls.Session)).JsonAsync())?
                .GetProperty("state").GetString() == "locked", Cancellation);
    }

    private static async Task UnlockAsync(IPage page)
    {
        await page.Locator("#lock-password").FillAsync(PortalHost.AdministratorPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Desbloquear" }).ClickAsync();
        await Expect(page.Locator("#lock")).ToBeHiddenAsync();
    }
}
