using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser;

/// <summary>
/// A test in a real browser: each page it opens has cookies of its own, and a script error or a message of the browser's on the console
/// fails the test at its end.
/// </summary>
public abstract class BrowserTest(PortalHost host, Chromium chromium) : IAsyncLifetime
{
    private readonly List<IBrowserContext> _contexts = [];
    private readonly List<string> _troubles = [];

    protected PortalHost Host => host;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What the browser may complain about in this test, e.g. an answer 404 that was asked for.</summary>
    protected List<string> Expected { get; } = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }

        GC.SuppressFinalize(this);
        var unexpected = _troubles.Where(trouble => !Expected.Any(expected => trouble.Contains(expected, StringComparison.Ordinal))).ToList();
        Assert.True(unexpected.Count == 0, string.Join("\n", unexpected));
    }

    /// <summary>What a class of tests wants in every browser session before its first page.</summary>
    protected virtual Task PrepareAsync(IBrowserContext context) => Task.CompletedTask;

    /// <summary>A new browser session, not signed in.</summary>
    protected async Task<IPage> NewPageAsync(Look? look = null)
    {
        look ??= Look.Usual;
        var browser = await chromium.StartAsync(Cancellation);
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = host.Address.ToString(),
            ViewportSize = new ViewportSize { Width = look.Width, Height = look.Width < 500 ? 780 : 900 },
            TimezoneId = "Europe/Helsinki",
            Locale = look.Language,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(15_000);
        _contexts.Add(context);
        await context.AddCookiesAsync(
        [
            new Cookie { Name = "vigia.theme", Value = look.Dark ? "dark" : "light", Url = host.Address.ToString() },
            new Cookie { Name = ".AspNetCore.Culture", Value = Uri.EscapeDataString($"c={look.Language}|uic={look.Language}"), Url = host.Address.ToString() },
        ]);
        await PrepareAsync(context);
        var page = await context.NewPageAsync();
        page.PageError += (_, message) => _troubles.Add(message);
        page.Console += (_, message) =>
        {
            if (message.Type is "error")
            {
                _troubles.Add(message.Text);
            }
        };
        return page;
    }

    /// <summary>A new browser session with the administrator (or who is named) signed in, on <paramref name="path"/>.</summary>
    protected async Task<IPage> SignedInAsync(string path = "/", Look? look = null, string email = PortalHost.AdministratorEmail, string password = PortalHost.AdministratorPassword)
    {
        var page = await NewPageAsync(look);
        await page.GotoAsync($"/cuenta/entrar?returnUrl={Uri.EscapeDataString(path)}");
        await page.Locator("#email").FillAsync(email);
        await page.Locator("#password").FillAsync(password);
        await page.Locator("button.primary").ClickAsync();
        await DrawnAsync(page);
        return page;
    }

    /// <summary>Waits until the circuit has drawn the page.</summary>
    protected static Task DrawnAsync(IPage page) => page.Locator(".shell[data-ready] h1").First.WaitForAsync();

    /// <summary>Waits until an expression is true in the page; Playwright's own wait evaluates inside the page, which the content policy forbids.</summary>
    protected static Task HoldsAsync(IPage page, string expression) => Eventually.HoldsAsync(expression, () => page.EvaluateAsync<bool>(expression), Cancellation);

    /// <summary>One page of many in this look: it fits, and axe finds nothing where axe reads it.</summary>
    protected static async Task AssertLooksRightAsync(IPage page, Look look)
    {
        await AssertFitsAsync(page);
        if (look.IsOpposite)
        {
            await AssertAccessibleAsync(page);
        }
    }

    /// <summary>axe, with every rule it has.</summary>
    protected static async Task AssertAccessibleAsync(IPage page)
    {
        var result = await page.RunAxe();
        Assert.True(result.Violations.Length == 0, string.Join("\n", result.Violations.Select(Describe)));
    }

    /// <summary>Nothing hangs over the right edge of the window.</summary>
    protected static async Task AssertFitsAsync(IPage page)
    {
        var over = await page.EvaluateAsync<string[]>(
            """
            () => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
              [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".table-frame, .tabs, .filter-row"))
                .slice(0, 5).map(e => `${e.tagName}.${e.className}`).concat(["something hangs over"])
            """);
        Assert.True(over.Length == 0, $"{page.Url}: {string.Join(" | ", over)}");
    }

    private static string Describe(AxeResultItem item) =>
        $"{item.Id}: {item.Help} {string.Join(" | ", item.Nodes.Select(node => $"{node.Html} {string.Join(" ", node.Any.Select(check => check.Message))}"))}";
}
