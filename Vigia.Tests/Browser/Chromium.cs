using Microsoft.Playwright;
using Vigia.Tests.Browser;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Vigia.Tests.Browser;

/// <summary>One browser for the whole run, started by the first test that needs it. <c>CHROMIUM_PATH</c> names another than the system's.</summary>
public sealed class Chromium : IAsyncDisposable
{
    // Chromium without the browser's own windows, which cost a third of the time of a test; else the whole of it.
    private static readonly string[] Programs = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-gpu"];

    private readonly SemaphoreSlim _gate = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task<IBrowser> StartAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            // Several tests share two cores with a server and its databases: a page may take longer than Playwright's five seconds.
            Assertions.SetDefaultExpectTimeout(15_000);
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM_PATH") ?? Array.Find(Programs, File.Exists) ?? Programs[^1],
                Args = Arguments,
            });
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        _gate.Dispose();
    }
}
