using Microsoft.Playwright;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser;

/// <summary>A browser on a portal that runs in its own process.</summary>
internal sealed class Window(IBrowserContext context, IPage page) : IAsyncDisposable
{
    public IPage Page => page;

    public static async Task<Window> OpenAsync(Chromium chromium, PortalProcess portal)
    {
        var browser = await chromium.StartAsync(TestContext.Current.CancellationToken);
        var context = await browser.NewContextAsync(
            new BrowserNewContextOptions { BaseURL = portal.Address.ToString(), Locale = "es-PE" });
        return new Window(context, await context.NewPageAsync());
    }

    /// <summary>Signs the administrator of <see cref="PortalHost"/> in.</summary>
    public async Task SignInAsync(string path)
    {
        await page.GotoAsync($"/cuenta/entrar?returnUrl={Uri.EscapeDataString(path)}");
        await page.Locator("#email").FillAsync(PortalHost.AdministratorEmail);
        await page.Locator("#password").FillAsync(PortalHost.AdministratorPassword);
        await page.Locator("button.primary").ClickAsync();
        await DrawnAsync();
    }

    /// <summary>Waits until the circuit has rendered the page.</summary>
    public Task DrawnAsync() => page.Locator(".shell[data-ready] h1").First.WaitForAsync();

    public ValueTask DisposeAsync() => context.DisposeAsync();
}
