using System.Globalization;
using Microsoft.Playwright;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>
/// Takes the pictures of the documentation. <c>script/screenshots</c> runs it, the test suite never does.
/// </summary>
public sealed class Screenshots(PagesTests.Filled host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PagesTests.Filled>
{
    private static readonly (string Name, Func<PagesTests.Filled, string> Path)[] Pages =
    [
        ("panel", _ => PortalUrls.Panel), ("clientes", _ => PortalUrls.Tenants),
        ("nuevo-cliente", _ => PortalUrls.NewTenant), ("cliente", h => PortalUrls.Tenant(h.ActiveId)),
        ("cliente-base", h => PortalUrls.TenantDatabase(h.ActiveId)),
        ("cliente-operaciones", h => $"{PortalUrls.Tenant(h.ActiveId)}?seccion=operaciones"),
        ("cliente-configuracion", h => $"{PortalUrls.Tenant(h.ActiveId)}?seccion=configuracion"),
        ("cliente-zona-de-peligro", h => $"{PortalUrls.Tenant(h.ActiveId)}?seccion=peligro"),
        ("operaciones", _ => PortalUrls.Operations),
        ("operacion", h => PortalUrls.Operation(h.OperationId)), ("bases", _ => PortalUrls.Databases),
        ("diagnostico", _ => PortalUrls.Diagnosis),
        ("papelera", _ => PortalUrls.Trash), ("maestra", _ => PortalUrls.Master),
        ("sesiones", _ => PortalUrls.MySessions), ("tokens", _ => PortalUrls.MyTokens),
        ("no-encontrado", _ => "/no-hay-nada-aqui"),
    ];

    /// <summary>
    /// Those of the documentation; with VIGIA_SCREENSHOT_WIDTHS both languages and themes at each of its widths.
    /// </summary>
    public static TheoryData<string, bool, int> Looks =>
        Environment.GetEnvironmentVariable("VIGIA_SCREENSHOT_WIDTHS") is { Length: > 0 } widths
            ? [.. from width in widths.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                  from language in new[] { "es-PE", "en" }
                  from dark in new[] { false, true }
                  select (language, dark, int.Parse(width, CultureInfo.InvariantCulture))]
            : new()
            {
                { "es-PE", false, 1280 }, { "es-PE", true, 1280 }, { "en", false, 1280 }, { "en", true, 1280 },
                { "es-PE", false, 360 }, { "es-PE", true, 360 },
            };

    [Theory(Explicit = true)]
    [MemberData(nameof(Looks))]
    public async Task Take(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var suffix = Suffix(look);
        Expected.Add("404");
        var outside = await NewPageAsync(look);
        await outside.GotoAsync(PortalUrls.SignIn);
        await SaveAsync(outside, $"entrar-{suffix}");
        var page = await SignedInAsync("/", look);
        foreach (var (name, path) in Pages)
        {
            await page.GotoAsync(path(host));
            await DrawnAsync(page);
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            await SaveAsync(page, $"{name}-{suffix}");
        }

        await page.GotoAsync($"{PortalUrls.Tenant(host.ActiveId)}?seccion=peligro");
        await page.Locator(".ending button").Nth(2).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await Expect(page.Locator(".mud-skeleton")).ToHaveCountAsync(0);
        await SaveAsync(page, $"eliminar-{suffix}");
        await ManyAsync(page, suffix);
    }

    private async Task ManyAsync(IPage page, string suffix)
    {
        await page.GotoAsync(PortalUrls.Tenants);
        await page.Locator("#select-page").CheckAsync();
        await Expect(page.Locator(".selection-bar")).ToBeVisibleAsync();
        await SaveAsync(page, $"clientes-seleccion-{suffix}");
        await page.Locator(".selection-bar button:has(svg)").First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await SaveAsync(page, $"suspender-varios-{suffix}");
        await page.GotoAsync(PortalUrls.Operation(host.ManyId));
        await Expect(page.Locator("#items-title + .filter-row")).ToBeVisibleAsync();
        await SaveAsync(page, $"operacion-varios-{suffix}");
    }

    internal static string Suffix(Look look) =>
        $"{(look.Language == "en" ? "en" : "es")}-{(look.Dark ? "oscuro" : "claro")}{(look.Width < 500 ? "-360" : "")}";

    internal static async Task SaveAsync(IPage page, string name)
    {
        var folder = Environment.GetEnvironmentVariable("VIGIA_SCREENSHOTS")
            ?? throw new InvalidOperationException("VIGIA_SCREENSHOTS names the folder.");
        await page.EvaluateAsync("document.activeElement?.blur()");
        // A dialog grows while it opens.
        await HoldsAsync(page,
            "document.getAnimations().every(animation => animation.playState !== 'running'"
            + " || animation.effect.getTiming().iterations === Infinity)");
        await page.ScreenshotAsync(
            new PageScreenshotOptions
            {
                Path = Path.Combine(folder, $"{name}.png"),
                Animations = ScreenshotAnimations.Disabled
            });
    }
}
