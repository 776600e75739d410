using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>
/// A newly installed portal without any configuration, from the link on the console to the first page.
/// </summary>
public sealed class FirstStartTests(Chromium chromium) : IDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_NothingConfigured_ConsoleLinkMakesTheFirstAdministratorOnce()
    {
        await using var portal =
            PortalProcess.Start(
            [], new Dictionary<string, string> { ["VIGIA_DATA_DIR"] = Path.Combine(_folder.Path, ".vigia") });
        await portal.WaitUntilReadyAsync(Cancellation);
        var link = "";
        await Eventually.HoldsAsync("the link is on the console", () =>
        {
            link = Regex.Match(portal.Output, "http://\\S+/cuenta/configurar\\?token=\\S+").Value;
            return Task.FromResult(link.Length > 0);
        }, Cancellation);

        // Wrong tries at an address that nobody has yet are counted, and don't keep its person out afterwards.
        using (var visitor = PostedSignIn.Visitor(portal.Address))
        {
            for (var i = 0; i < 5; i++)
            {
                using var answer = await PostedSignIn.PostAsync(
                    visitor, PortalHost.AdministratorEmail, "x", null, Cancellation);
            }
        }

        await using var browser = await Window.OpenAsync(chromium, portal);
        var page = browser.Page;
        await page.GotoAsync(link);
        await page.Locator("#full-name").FillAsync("Ana Quispe");
        await page.Locator("#email").FillAsync(PortalHost.AdministratorEmail);
        await page.Locator("#password").FillAsync("password1234");
        await page.Locator("#password-again").FillAsync("password1234");
        await page.Locator("button.primary").ClickAsync();
        await Expect(page.Locator("#password")).ToHaveAttributeAsync("aria-invalid", "true");

        await page.Locator("#password").FillAsync(PortalHost.AdministratorPassword);
        await page.Locator("#password-again").FillAsync(PortalHost.AdministratorPassword);
        await page.Locator("button.primary").ClickAsync();

        await browser.DrawnAsync();
        await Expect(page.GetByRole(AriaRole.Complementary, new() { Name = "Avisos del portal" }))
            .ToContainTextAsync("Este portal usa su propio PostgreSQL privado.");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Panel", Level = 1 })).ToBeVisibleAsync();
        await page.GotoAsync(link);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Este enlace ya no sirve" })).ToBeVisibleAsync();
        var stopped = await portal.StopAsync(Cancellation);
        Assert.Equal(0, stopped.ExitCode);

        // The private PostgreSQL is for trying, so both are off.
        Assert.Contains("Staff:RequireSecondFactor is None: a stolen", stopped.Output, StringComparison.Ordinal);
        Assert.Contains("Approvals:HardDelete is False: one person alone", stopped.Output, StringComparison.Ordinal);
    }
}
