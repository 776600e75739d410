using Microsoft.Playwright;
using Vigia.Tests.Browser;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Vigia.Tests.Browser;

/// <summary>
/// One browser for the whole run, started by the first test that needs it. <c>CHROMIUM_PATH</c> selects another one
/// than the system's.
/// </summary>
public sealed class Chromium : IAsyncDisposable
{
    // Prefers Chromium without windows, because windows take a third of the time of a test.
    private static readonly string[] Programs = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-first-run", "--disable-gpu"];

    private readonly SemaphoreSlim _gate = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task<IBrowser> StartAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            // Several tests share two cores with a server and its databases. A failed test must mean a fault and not a
            // slow machine. A long timeout costs nothing if the test passes.
            Assertions.SetDefaultExpectTimeout(60_000);
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM_PATH")
                    ?? Array.Find(Programs, File.Exists) ?? Programs[^1],
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
