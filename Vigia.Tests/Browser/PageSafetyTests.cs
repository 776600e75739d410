using Microsoft.Playwright;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>Things that no page may do or allow, checked for every page.</summary>
public sealed class PageSafetyTests(PagesTests.Filled host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PagesTests.Filled>
{
    private static readonly string[] Elsewhere =
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example", "/\t/evil.example",
        "/\n/evil.example", " //evil.example", "///evil.example", "/..//evil.example",
        "/.//evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example",
        "/\r\nLocation: https://evil.example/", "//evil.example@127.0.0.1/", "https:evil.example", "\0//evil.example",
        "/\u2028/evil.example", "", "%2f%2fevil.example",
    ];

    [Fact]
    public async Task Pages_EachOne_HasNoInlineScriptAndCallsNoOtherHost()
    {
        var page = await SignedInAsync();
        var elsewhere = new List<string>();
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: "http" or "https" or "ws" or "wss" } url
                && url.Authority != Host.Address.Authority)
            {
                elsewhere.Add(request.Url);
            }
        };
        foreach (var path in host.Paths.Append(PortalUrls.MySessions).Append(PortalUrls.AccessDenied)
            .Append(PortalUrls.Error))
        {
            var answer = await page.GotoAsync(path);
            await Expect(page.Locator("h1").First).ToBeVisibleAsync();
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            var inline = await page.EvaluateAsync<string[]>(
                """
                () => [...document.querySelectorAll("script:not([src])")].map(e => e.outerHTML)
                  .concat([...document.querySelectorAll("*")].flatMap(e => [...e.attributes])
                    .filter(a => /^on/i.test(a.name) || /^\s*javascript:/i.test(a.value))
                    .map(a => `${a.name}=${a.value}`))
                """);
            Assert.True(inline.Length == 0, $"{path}: {string.Join(" | ", inline)}");
            AssertHeaders(await answer!.HeadersArrayAsync());
        }

        Assert.Empty(elsewhere);
    }

    [Fact]
    public async Task InlineScript_Injected_DoesNotRun()
    {
        Expected.Add("Content Security Policy");
        var page = await SignedInAsync();

        await page.EvaluateAsync(
            "const s = document.createElement('script'); s.textContent = 'window.ran = true'; "
            + "document.body.append(s);");

        Assert.False(await page.EvaluateAsync<bool>("window.ran === true"));
    }

    [Fact]
    public async Task Pages_InAFrameOfAnotherSite_AreRefused()
    {
        Expected.Add("frame");
        Expected.Add("ERR_BLOCKED");
        var page = await SignedInAsync();
        await page.RouteAsync("http://otro.example/**", route => route.FulfillAsync(new()
        {
            ContentType = "text/html",
            Body = string.Concat(
                new[] { PortalUrls.SignIn, PortalUrls.Panel, "/favicon.svg", PortalUrls.Session }.Select(
                path => $"<iframe src='{new Uri(Host.Address, path)}'></iframe>")),
        }));

        await page.GotoAsync("http://otro.example/");

        foreach (var frame in page.Frames.Where(frame => frame != page.MainFrame))
        {
            Assert.Equal("chrome-error://chromewebdata/", frame.Url);
        }

        Assert.Equal(5, page.Frames.Count);
    }

    // The browser decides what an address means, so Chromium reads each address to which the portal redirects.
    [Fact]
    public async Task ReturnUrl_OfAnotherSite_IsIgnored()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(PortalUrls.SignIn);
        foreach (var returnUrl in Elsewhere)
        {
            foreach (var (way, location) in await SentToAsync(returnUrl))
            {
                var host = await page.EvaluateAsync<string>("to => new URL(to, location.href).host", location);
                Assert.True(Host.Address.Authority == host,
                    $"{way}?returnUrl={Uri.EscapeDataString(returnUrl)} leads to {location}");
            }
        }
    }

    private async Task<List<(string Way, string Location)>> SentToAsync(string returnUrl)
    {
        using var visitor = PostedSignIn.Visitor(Host);
        var sent = new List<(string, string)>();
        foreach (var (path, value) in new[] { (PortalUrls.Language, "en"), (PortalUrls.Theme, "dark") })
        {
            using var form = new FormUrlEncodedContent([new("value", value), new("returnUrl", returnUrl)]);
            using var answer = await visitor.PostAsync(new Uri(path, UriKind.Relative), form, Cancellation);
            if (!returnUrl.Contains('\0', StringComparison.Ordinal))
            {
                sent.Add((path, LocationOf(answer)));
            }
            else
            {
                Assert.Equal(400, (int)answer.StatusCode);
            }
        }

        using var signedIn =
            await PostedSignIn.PostAsync(
            visitor, PortalHost.AdministratorEmail, PortalHost.AdministratorPassword, returnUrl, Cancellation);
        sent.Add((PortalUrls.SignIn, LocationOf(signedIn)));

        // The person is already signed in and unlocked, so both pages redirect at once.
        foreach (var path in new[] { PortalUrls.SignInAndReturn(returnUrl), PortalUrls.UnlockAndReturn(returnUrl) })
        {
            using var answer = await visitor.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
            sent.Add((path, LocationOf(answer)));
        }

        return sent;
    }

    private static string LocationOf(HttpResponseMessage answer)
    {
        Assert.Equal(302, (int)answer.StatusCode);
        return answer.Headers.GetValues("Location").Single();
    }

    private static void AssertHeaders(IEnumerable<Header> headers)
    {
        var all = headers.ToLookup(header => header.Name.ToLowerInvariant(), header => header.Value);
        var policy = string.Join("; ", all["content-security-policy"]);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("object-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.Equal(["nosniff"], all["x-content-type-options"]);
        Assert.Equal(["DENY"], all["x-frame-options"]);
        Assert.Equal(["same-origin"], all["referrer-policy"]);
    }
}
