using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser;

/// <summary>
/// A test in a real browser. Each page that it opens has its own cookies. A script error or a message of the browser on
/// the console fails the test at its end.
/// </summary>
public abstract class BrowserTest(PortalHost host, Chromium chromium) : IAsyncLifetime
{
    private const string SignInCookie = "vigia.staff";

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    // Says what is wrong and where. Lists of what is right would cost more than the checks.
    private const string RunAxe =
        """
        async () => (await axe.run({ resultTypes: ["violations"] })).violations.flatMap(rule => rule.nodes.map(
            node => `${rule.id}: ${rule.help} ${node.html} ${node.any.map(check => check.message).join(" ")}`))
        """;

    // A telephone, a small laptop, and a common screen.
    private static readonly int[] Widths = [360, 1280, 1440];

    // The window gets its new width some pictures later, and the rules for it apply with the next one. The menu is
    // behind a button on a narrow window. Pages outside the frame have none.
    private static string IsLaidOut(int width) =>
        $$"""
        (button => innerWidth === {{width}}
          && (button === null || (getComputedStyle(button).display !== "none") === {{width}} < 960))(
            document.querySelector(".menu-button"))
        """;

    private readonly List<IBrowserContext> _contexts = [];
    private readonly List<string> _troubles = [];

    protected PortalHost Host => host;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// Messages that the browser may write in this test, e.g. about an answer 404 that the test requests.
    /// </summary>
    protected List<string> Expected { get; } = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Removes what the test left in a portal that other classes use too.</summary>
    protected virtual Task CleanUpAsync() => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await CleanUpAsync();
        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }

        GC.SuppressFinalize(this);
        var unexpected = _troubles.Where(
            trouble => !Expected.Any(expected => trouble.Contains(expected, StringComparison.Ordinal))).ToList();
        Assert.True(unexpected.Count == 0, string.Join("\n", unexpected));
    }

    /// <summary>Prepares every browser session of the class before its first page.</summary>
    protected virtual Task PrepareAsync(IBrowserContext context) => Task.CompletedTask;

    /// <summary>Opens a new browser session that is not signed in.</summary>
    protected async Task<IPage> NewPageAsync(Look? look = null)
    {
        look ??= Look.Usual;
        var browser = await chromium.StartAsync(Cancellation);
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = host.BrowserAddress.ToString(),
            ViewportSize = new ViewportSize { Width = look.Width, Height = look.Width < 500 ? 780 : 900 },
            TimezoneId = "Europe/Helsinki",
            Locale = look.BrowserLanguage ?? look.Language,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(60_000);
        _contexts.Add(context);
        await context.AddCookiesAsync(
        [
            new Cookie { Name = "vigia.theme", Value = look.Dark ? "dark" : "light",
                Url = host.BrowserAddress.ToString() },
            new Cookie { Name = ".AspNetCore.Culture",
                Value = Uri.EscapeDataString($"c={look.Language}|uic={look.Language}"),
                Url = host.BrowserAddress.ToString() },
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

    /// <summary>
    /// Whether each browser session signs in with the form, for tests of sign-ins. Otherwise all tests of the class
    /// share one sign-in of each person.
    /// </summary>
    protected virtual bool SignsInEachTime => false;

    /// <summary>
    /// Opens a new browser session on <paramref name="path"/>, signed in as the administrator or the person who is
    /// named.
    /// </summary>
    protected async Task<IPage> SignedInAsync(
        string path = "/", Look? look = null, string email = PortalHost.AdministratorEmail,
        string password = PortalHost.AdministratorPassword)
    {
        var page = await NewPageAsync(look);
        if (!SignsInEachTime && host.SignIns.TryGetValue(email, out var cookies))
        {
            await page.Context.AddCookiesAsync(cookies);
            await page.GotoAsync(path);
            if (!new Uri(page.Url).AbsolutePath.StartsWith("/cuenta/entrar", StringComparison.Ordinal))
            {
                await DrawnAsync(page);
                return page;
            }
        }

        await page.GotoAsync($"/cuenta/entrar?returnUrl={Uri.EscapeDataString(path)}");
        await page.Locator("#email").FillAsync(email);
        await page.Locator("#password").FillAsync(password);
        await page.Locator("button.primary").ClickAsync();
        await DrawnAsync(page);
        host.SignIns[email] = await SignInCookiesAsync(page);
        return page;
    }

    private static async Task<List<Cookie>> SignInCookiesAsync(IPage page) =>
    [
        .. from cookie in await page.Context.CookiesAsync()
           where cookie.Name == SignInCookie
           select new Cookie { Name = cookie.Name, Value = cookie.Value, Domain = cookie.Domain, Path = cookie.Path,
               HttpOnly = cookie.HttpOnly, Secure = cookie.Secure, SameSite = cookie.SameSite },
    ];

    /// <summary>Waits until the circuit has rendered the page.</summary>
    protected static Task DrawnAsync(IPage page) => page.Locator(".shell[data-ready] h1").First.WaitForAsync();

    /// <summary>
    /// Waits until an expression is true in the page. Playwright's own wait evaluates inside the page, which the
    /// content security policy forbids.
    /// </summary>
    protected static Task HoldsAsync(IPage page, string expression) =>
        Eventually.HoldsAsync(expression, () => page.EvaluateAsync<bool>(expression), Cancellation);

    /// <summary>Runs axe with all its rules.</summary>
    protected static async Task AssertAccessibleAsync(IPage page)
    {
        // During a transition a colour has neither its old nor its new value.
        await HoldsAsync(page,
            "document.getAnimations().every(animation => animation.playState !== 'running' "
            + "|| animation.effect.getTiming().iterations === Infinity)");
        if (!await page.EvaluateAsync<bool>("() => 'axe' in window"))
        {
            await page.EvaluateAsync(Axe);
        }

        var violations = await page.EvaluateAsync<string[]>(RunAxe);
        Assert.True(violations.Length == 0, string.Join("\n", violations));
    }

    /// <summary>
    /// Asserts that nothing extends beyond the right edge of the window, and no table beyond its frame, at any width.
    /// </summary>
    protected static async Task AssertFitsAsync(IPage page)
    {
        var size = page.ViewportSize!;
        foreach (var width in Widths.Except([size.Width]).Append(size.Width))
        {
            await page.SetViewportSizeAsync(width, size.Height);
            await HoldsAsync(page, IsLaidOut(width));
            await page.EvaluateAsync(
                "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
            await AssertFitsNowAsync(page);
        }
    }

    /// <summary>The same as <see cref="AssertFitsAsync"/>, at the window's present width only.</summary>
    protected static async Task AssertFitsNowAsync(IPage page)
    {
        var over = await page.EvaluateAsync<string[]>(
            """
            () => {
              const [window, root] = [document.documentElement.clientWidth, document.documentElement];
              const cut = [...document.querySelectorAll(".table-frame, .docs-scroll")]
                .filter(frame => frame.scrollWidth > frame.clientWidth)
                .map(frame => `a table is cut: ${frame.scrollWidth} in ${frame.clientWidth}: `
                  + frame.textContent.trim().slice(0, 80));
              return root.scrollWidth <= window ? cut : [...document.querySelectorAll("body *")]
                .filter(e => e.getBoundingClientRect().right > window + 1)
                .filter(e => !e.closest(".table-frame, .tabs, .filter-row"))
                .slice(0, 5).map(e => `${e.tagName}.${e.className}`).concat(["something hangs over"]);
            }
            """);
        Assert.True(over.Length == 0, $"{page.Url}, {page.ViewportSize!.Width} wide: {string.Join(" | ", over)}");
    }

    // Waits until the circuit has answered a question.
    protected static async Task RoundTripAsync(IPage page)
    {
        var theme = await page.Locator("html").GetAttributeAsync("data-theme");
        // A dialog may lie over the button.
        await page.Locator("button[aria-label='Tema oscuro'], button[aria-label='Tema claro']").First
            .DispatchEventAsync("click");
        await Assertions.Expect(page.Locator("html")).Not.ToHaveAttributeAsync("data-theme", theme!);
    }

    // The pointer or focus that entered a list is known to the server once it has answered a later click.
    protected static async Task HoldsInServerAsync(IPage page)
    {
        await RoundTripAsync(page);
        await RoundTripAsync(page);
    }
}
