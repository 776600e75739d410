using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;
using Vigia.Portal;

namespace Vigia.Tests.Browser;

/// <summary>
/// The bytes of a first visit to the published program: all bytes, those of headers and WebSockets too.
/// </summary>
public sealed class FirstVisitTests(PublishedHost host, Chromium chromium, ITestOutputHelper output)
    : BrowserTest(host, chromium), IClassFixture<PublishedHost>
{
    private const long MostOfFirstVisit = 400_000;
    private const long MostOfReload = 100_000;

    private readonly ConcurrentQueue<IResponse> _answers = new();

    protected override bool SignsInEachTime => true;

    [Fact]
    public async Task FirstVisit_EmptyCacheUpToTheFirstRows_LoadsAtMost400Kilobytes()
    {
        var page = await NewPageAsync();
        page.Response += (_, answer) => _answers.Enqueue(answer);
        var before = host.Line.Bytes;
        await page.GotoAsync(PortalUrls.SignInAndReturn(PortalUrls.Tenants));
        await SignInAsync(page);
        await page.Locator("tbody tr").First.WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        var first = host.Line.Bytes - before;
        await WriteAsync("First visit", first);

        before = host.Line.Bytes;
        _answers.Clear();
        await page.ReloadAsync();
        await page.Locator("tbody tr").First.WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        var reload = host.Line.Bytes - before;
        await WriteAsync("Reload", reload);

        Assert.InRange(first, 50_000, MostOfFirstVisit);
        Assert.InRange(reload, 1_000, MostOfReload);
    }

    [Fact]
    public async Task Files_OfThePage_AreCompressedFingerprintedAndCached()
    {
        var page = await NewPageAsync();
        page.Response += (_, answer) => _answers.Enqueue(answer);
        await page.GotoAsync(PortalUrls.SignInAndReturn(PortalUrls.Tenants));
        await SignInAsync(page);
        await page.Locator("tbody tr").First.WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        var files = _answers.Where(a => IsFile(a.Url)).DistinctBy(a => a.Url).ToList();
        Assert.True(files.Count > 10, $"{files.Count} files");
        foreach (var file in files)
        {
            var headers = await file.AllHeadersAsync();
            Assert.True(headers.GetValueOrDefault("cache-control") == "max-age=31536000, immutable",
                $"{file.Url}: {headers.GetValueOrDefault("cache-control")}");
            Assert.True(file.Url.EndsWith(".woff2", StringComparison.Ordinal)
                || headers.GetValueOrDefault("content-encoding") == "br",
                $"{file.Url}: {headers.GetValueOrDefault("content-encoding")}");
        }

        // The files for a browser without Brotli.
        var sheet = files.First(a => a.Url.Contains("MudBlazor.min", StringComparison.Ordinal)
            && a.Url.EndsWith(".css", StringComparison.Ordinal)).Url;
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("Accept-Encoding", "gzip");
        using var answer = await client.GetAsync(new Uri(sheet), Cancellation);
        Assert.Equal(["gzip"], answer.Content.Headers.ContentEncoding);
    }

    // docs/performance.md has the figures. Times say nothing on a busy machine, therefore this runs on request only.
    [Fact(Explicit = true)]
    public async Task FirstVisit_OverFast3G_PrintsTheTimeToTheFirstRows()
    {
        var signedIn = await SignedInAsync(PortalUrls.Tenants);
        var cookies = await signedIn.Context.CookiesAsync();
        await signedIn.CloseAsync();
        var lines = new List<string>();
        for (var round = 0; round < 5; round++)
        {
            var page = await NewPageAsync();
            await ThrottleAsync(page);
            var watch = Stopwatch.StartNew();
            await page.GotoAsync(PortalUrls.SignInAndReturn(PortalUrls.Tenants));
            var form = watch.Elapsed;
            await SignInAsync(page);
            await page.Locator("tbody tr").First.WaitForAsync();
            var throughTheForm = watch.Elapsed;

            var visit = await NewPageAsync();
            await visit.Context.AddCookiesAsync(cookies.Select(c => new Cookie
            {
                Name = c.Name, Value = c.Value, Domain = c.Domain, Path = c.Path, HttpOnly = c.HttpOnly,
                Secure = c.Secure, SameSite = c.SameSite,
            }));
            await ThrottleAsync(visit);
            watch.Restart();
            await visit.GotoAsync(PortalUrls.Tenants, new() { WaitUntil = WaitUntilState.Commit });
            await visit.Locator("tbody tr").First.WaitForAsync();
            var first = watch.Elapsed;
            watch.Restart();
            await visit.ReloadAsync(new() { WaitUntil = WaitUntilState.Commit });
            await visit.Locator("tbody tr").First.WaitForAsync();
            lines.Add($"form {Seconds(form)}, through it to rows {Seconds(throughTheForm)}, "
                + $"signed in, empty cache {Seconds(first)}, reload {Seconds(watch.Elapsed)}");
            await page.Context.CloseAsync();
            await visit.Context.CloseAsync();
        }

        output.WriteLine(string.Join('\n', lines));
    }

    // 1.6 Mbit/s down, 750 kbit/s up, 150 ms.
    private static async Task ThrottleAsync(IPage page)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("Network.enable");
        await session.SendAsync("Network.emulateNetworkConditions", new()
        {
            ["offline"] = false, ["latency"] = 150, ["downloadThroughput"] = 200_000, ["uploadThroughput"] = 93_750,
        });
    }

    private static async Task SignInAsync(IPage page)
    {
        await page.Locator("#email").FillAsync(PortalHost.AdministratorEmail);
        await page.Locator("#password").FillAsync(PortalHost.AdministratorPassword);
        await page.Locator("button.primary").ClickAsync();
    }

    private static bool IsFile(string url) =>
        Path.GetExtension(new Uri(url).AbsolutePath) is ".css" or ".js" or ".woff2" or ".svg";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.00 s", CultureInfo.InvariantCulture);

    private async Task WriteAsync(string what, long bytes)
    {
        output.WriteLine($"{what}: {bytes} bytes");
        foreach (var answer in _answers)
        {
            var size = await answer.Request.SizesAsync();
            output.WriteLine($"  {size.ResponseHeadersSize,6} + {size.ResponseBodySize,7}  {answer.Status} "
                + $"{new Uri(answer.Url).AbsolutePath}");
        }
    }
}
