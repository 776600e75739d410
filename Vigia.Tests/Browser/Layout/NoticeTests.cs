using Microsoft.Playwright;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Layout;

/// <summary>Notices cover no action, successes go by themselves, failures stay, and the bell keeps both.</summary>
public sealed class NoticeTests(NoticeTests.Own host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<NoticeTests.Own>
{
    private const string Saved = "Guardado: configuración.";

    // Every control of the page and of the menu that is in the window can be hit where it is.
    private const string Covered =
        """
        () => [...document.querySelectorAll(
            "main a, main button, main input, main textarea, main select, .side-menu a, .top-bar a, .top-bar button")]
            .filter(e => {
                const box = e.getBoundingClientRect();
                const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                if (!e.checkVisibility() || box.width < 2
                    || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return false;
                const hit = document.elementFromPoint(x, y);
                return hit?.closest(".mud-snackbar") !== null && !e.contains(hit);
            }).map(e => e.outerHTML.slice(0, 120))
        """;

    [Theory]
    [InlineData(360)]
    [InlineData(1280)]
    [InlineData(1440)]
    public async Task SuccessNotice_DisappearsAndStaysInTheBell(int width)
    {
        var name = PortalTenants.NewName("aviso");
        var (tenant, _) = await Host.RegisterAsync(name, provision: false);
        var page = await SignedInAsync(
            $"{PortalUrls.Tenant(tenant)}?seccion=configuracion", Look.Usual with { Width = width });
        await page.Locator("#config").FillAsync("{\"idioma\": \"es\"}");
        var save = page.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" });

        await save.ClickAsync();

        var notice = page.Locator(".mud-snackbar", new() { HasText = Saved });
        await Expect(notice).ToBeVisibleAsync();
        await HoldsAsync(page, "document.getAnimations().every(animation => animation.playState !== 'running')");
        Assert.Empty(await page.EvaluateAsync<string[]>(Covered));
        await Expect(notice).ToHaveCountAsync(0, new() { Timeout = 15_000 });

        await page.GetByRole(AriaRole.Button, new() { Name = "Avisos: 1 sin leer" }).ClickAsync();
        await Expect(page.Locator("#notice-list")).ToBeVisibleAsync();
        await Expect(page.Locator("#notice-list")).ToContainTextAsync(Saved);
        await AssertAccessibleAsync(page);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Avisos", Exact = true })).ToBeVisibleAsync();

        await page.ReloadAsync();
        await DrawnAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Avisos", Exact = true }).ClickAsync();
        await Expect(page.Locator("#notice-list")).ToContainTextAsync(Saved);
    }

    [Fact]
    public async Task FailureNotice_StaysUntilItIsClosed()
    {
        var name = PortalTenants.NewName("falla");
        var (tenant, _) = await Host.RegisterAsync(name, provision: false);
        var page = await SignedInAsync($"{PortalUrls.Tenant(tenant)}?seccion=configuracion");
        await page.Locator("#config").FillAsync("{\"idioma\": \"es\"}");
        // No trigger fires, so the page does not hear of it and keeps its form.
        await PostgresServer.ExecuteAsync(
            Host.Postgres.SuperuserUrl(Host.Master.Database),
            $"SET session_replication_role = replica; DELETE FROM public.clientes_saas WHERE id = {tenant}",
            Cancellation);

        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();

        var notice = page.Locator(".mud-snackbar");
        await Expect(notice).ToBeVisibleAsync();
        await AssertManyShareTheColumnWithTheMenuAsync(page);

        // A success that is said later goes, and the failure is still there.
        var started = DateTimeOffset.UtcNow;
        await Eventually.HoldsAsync(
            "a success would have gone",
            () => Task.FromResult(DateTimeOffset.UtcNow - started > TimeSpan.FromSeconds(9)), Cancellation);
        await Expect(notice).ToBeVisibleAsync();
        await notice.GetByRole(AriaRole.Button).Last.ClickAsync();
        await Expect(notice).ToHaveCountAsync(0);
    }

    // A low window, with a band above it: the person scrolls to content that has no room.
    private async Task AssertManyShareTheColumnWithTheMenuAsync(IPage page)
    {
        var (notices, size) = (page.Locator(".mud-snackbar"), page.ViewportSize!);
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();
        await Expect(notices).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();
        await Expect(notices).ToHaveCountAsync(3);
        await Host.PauseAsync(true);
        await Expect(page.GetByText("Los trabajos están en pausa").First).ToBeVisibleAsync();
        await page.SetViewportSizeAsync(1280, 650);
        await HoldsAsync(page, "innerHeight === 650");
        await HoldsAsync(page, "document.getAnimations().every(animation => animation.playState !== 'running')");

        Assert.Empty(await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll(".side-menu a")].filter(link => {
              const box = link.getBoundingClientRect();
              return !link.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
            }).map(link => link.textContent)
            """));
        await Expect(notices.Last.GetByRole(AriaRole.Button).Last).ToBeInViewportAsync();
        Assert.Empty(await page.EvaluateAsync<string[]>(Covered));
        await AssertAccessibleAsync(page);
        await Host.PauseAsync(false);
        await page.SetViewportSizeAsync(size.Width, size.Height);
        foreach (var left in new[] { 2, 1 })
        {
            await notices.First.GetByRole(AriaRole.Button).Last.ClickAsync();
            await Expect(notices).ToHaveCountAsync(left);
        }
    }

    public sealed class Own(PostgresServer server) : PortalHost(server);
}
