using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Layout;

public sealed class ShellTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task SignInPage_EveryLook_IsAccessibleAndFits(string language, bool dark, int width)
    {
        var page = await NewPageAsync(new Look(language, dark, width));

        await page.GotoAsync(PortalUrls.SignIn);

        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task Shell_EveryLook_IsAccessibleAndFits(string language, bool dark, int width)
    {
        var page = await SignedInAsync("/", new Look(language, dark, width));

        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    // If a brace is missing, all rules below it apply only to narrow windows, and no browser reports that.
    [Fact]
    public async Task StyleSheets_Braces_AreBalanced()
    {
        using var client = new HttpClient { BaseAddress = Host.Address };
        var sheets = Host.Services.GetRequiredService<IWebHostEnvironment>().WebRootFileProvider.GetDirectoryContents(
            "css").Where(file => file.Name.EndsWith(".css", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(sheets);
        foreach (var sheet in sheets)
        {
            var depth = 0;
            foreach (var (line, number) in (await client.GetStringAsync($"/css/{sheet.Name}", Cancellation)).Split('\n')
                .Select((line, at) => (line, at + 1)))
            {
                Assert.True(depth == 0 || !line.StartsWith("/* ----", StringComparison.Ordinal),
                    $"{sheet.Name}:{number}: something above is not closed");
                depth += line.Count(c => c == '{') - line.Count(c => c == '}');
            }

            Assert.True(depth == 0, $"{sheet.Name} ends {depth} deep");
        }
    }

    [Fact]
    public async Task Language_Switched_StaysOnThePageAndIsRemembered()
    {
        var page = await SignedInAsync("/?vista=1");

        await page.GetByRole(AriaRole.Button, new() { Name = "English" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Dashboard" })).ToBeVisibleAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        Assert.EndsWith("/?vista=1", page.Url, StringComparison.Ordinal);
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Dashboard" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Theme_Switched_ChangesAtOnceAndIsRemembered()
    {
        var page = await SignedInAsync();
        var light = await BackgroundAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Tema oscuro" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Tema claro" })).ToBeVisibleAsync();
        await Eventually.HoldsAsync("the page is dark", async () => await BackgroundAsync(page) != light, Cancellation);
        var dark = await BackgroundAsync(page);
        await page.ReloadAsync();
        await DrawnAsync(page);
        Assert.Equal(dark, await BackgroundAsync(page));
    }

    [Fact]
    public async Task Theme_NeverChosen_FollowsTheSystem()
    {
        var page = await NewPageAsync();
        await page.Context.ClearCookiesAsync();
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });

        await page.GotoAsync(PortalUrls.SignIn);

        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
    }

    [Fact]
    public async Task Search_CtrlK_OpensAndEscCloses()
    {
        var page = await SignedInAsync();

        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Buscar cliente" })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("no hay tal");
        await Expect(page.GetByText("Ningún cliente coincide con «no hay tal».")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await page.Keyboard.PressAsync("Escape");

        await Expect(page.GetByRole(AriaRole.Combobox)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Keys_QuestionMark_ListsThem()
    {
        var page = await SignedInAsync();

        await page.Keyboard.PressAsync("?");

        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Atajos de teclado");
        await AssertAccessibleAsync(page);
    }

    [Fact]
    public async Task Menu_NarrowScreen_OpensClosesAndNavigates()
    {
        var page = await SignedInAsync("/", Look.Usual with { Width = 360 });
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Clientes" })).ToBeHiddenAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Abrir el menú" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Clientes" })).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Cerrar el menú" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Clientes" })).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Shell_UnknownAddress_SaysSoInsideTheFrame()
    {
        Expected.Add("404");
        var page = await SignedInAsync();

        var answer = await page.GotoAsync("/no/hay/tal");
        await DrawnAsync(page);

        Assert.Equal(404, answer!.Status);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Esta página no existe" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Pages_EveryAnswer_HasThePolicyAndLoadsFromThisHostOnly()
    {
        var page = await NewPageAsync();
        var elsewhere = new List<string>();
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url).Authority != Host.Address.Authority)
            {
                elsewhere.Add(request.Url);
            }
        };

        var answer = await page.GotoAsync(PortalUrls.SignIn);

        var policy = string.Join(
            "; ", (await answer!.HeadersArrayAsync())
            .Where(h => h.Name.Equals("content-security-policy", StringComparison.OrdinalIgnoreCase))
            .Select(h => h.Value));
        Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", await answer.HeaderValueAsync("x-content-type-options"));
        Assert.Empty(elsewhere);
    }

    private static Task<string> BackgroundAsync(IPage page) =>
        page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
