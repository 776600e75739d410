using Microsoft.Playwright;
using Vigia.Portal;
using Vigia.Portal.Api;
using Vigia.Tests.Api;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Api;

/// <summary>The document of the API as a page for people.</summary>
public sealed class ApiDocsPageTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task Page_EveryLook_IsAccessibleAndFits(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var page = await NewPageAsync(look);
        await page.GotoAsync(PortalUrls.ApiDocs);

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 }))
            .ToHaveTextAsync(language == "en" ? "Vigia Portal HTTP API" : "API HTTP de Vigia Portal");
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    [Fact]
    public async Task Page_ListsEveryCall_AndItsLinksHaveTargets()
    {
        var page = await NewPageAsync();
        var elsewhere = new List<string>();
        page.Request += (_, request) =>
            elsewhere.AddRange(new Uri(request.Url).Authority == Host.Address.Authority
            || request.Url.StartsWith("data:", StringComparison.Ordinal) ? [] : [request.Url]);
        await page.GotoAsync(PortalUrls.ApiDocs);

        foreach (var call in ApiCall.All(Host.Services))
        {
            var section = page.Locator($"section:has(> #{call.Name})");
            await Expect(section.Locator(".docs-line")).ToHaveTextAsync($"{call.Method} {call.Template}");
            if (call.Said<RightRequired>() is { Right: var right })
            {
                await Expect(section.Locator(".docs-right code")).ToHaveTextAsync(right);
            }

            await Expect(section.Locator("pre")).ToContainTextAsync($"curl");
        }

        var dangling = await page.EvaluateAsync<string[]>(
            "() => [...document.querySelectorAll(\"a[href*='#']\")].map(a => a.hash.slice(1))"
            + ".filter(id => !document.getElementById(id))");
        Assert.Empty(dangling);
        Assert.Equal(0, await page.EvaluateAsync<int>(
            "() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id); "
            + "return ids.length - new Set(ids).size; }"));
        Assert.Empty(elsewhere);
        await Expect(page.GetByText("_", new() { Exact = true })).ToHaveCountAsync(0);
        Assert.DoesNotContain("Page_", await page.ContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Contents_Link_LeadsToACallWhoseExampleCanBeCopied()
    {
        var page = await NewPageAsync();
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.GotoAsync(PortalUrls.ApiDocs);

        await page.GetByRole(AriaRole.Navigation)
            .GetByRole(AriaRole.Link, new() { Name = "Suspender o reactivar un cliente" }).ClickAsync();
        await Expect(page.Locator("#toggleCliente")).ToBeInViewportAsync();
        var copy = page.GetByRole(
            AriaRole.Button, new() { Name = "Copiar el ejemplo: Suspender o reactivar un cliente" });
        await copy.ClickAsync();

        await Expect(page.GetByText("Copiado")).ToHaveCountAsync(1);
        var copied = await page.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.StartsWith("curl ", copied, StringComparison.Ordinal);
        Assert.Contains("/api/v1/admin/clientes/42/toggle", copied, StringComparison.Ordinal);
        Assert.Contains("\"is_active\": false", copied, StringComparison.Ordinal);
    }

    [Theory(Explicit = true)]
    [MemberData(nameof(Screenshots.Looks), MemberType = typeof(Screenshots))]
    public async Task Picture(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var page = await NewPageAsync(look);
        await page.GotoAsync($"{PortalUrls.ApiDocs}#deleteCliente");
        await Screenshots.SaveAsync(page, $"api-{Screenshots.Suffix(look)}");
    }
}
