using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Sessions;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Sessions;

/// <summary>An idle session locks in every tab and on the server. The password restores everything as it was.</summary>
public sealed class LockTests(LockTests.Patient host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<LockTests.Patient>
{
    protected override bool SignsInEachTime => true;

    private static readonly TimeSpan TooLong = TimeSpan.FromMinutes(16);

    [Fact]
    public async Task Lock_WithoutInput_KeepsTheFormAsItWas()
    {
        var page = await SignedInAsync(PortalUrls.NewTenant);
        await page.Locator("#razon_social").FillAsync("Secretos del Rival S.A.C.");
        await page.Locator("#correo_acceso").FillAsync("a@rival.pe");
        await Expect(page.Locator("#subdominio")).ToHaveValueAsync("secretos-rival");
        await page.SetViewportSizeAsync(1000, 420);
        await page.EvaluateAsync("scrollTo(0, 150)");
        var title = await page.TitleAsync();

        await LeaveAloneAsync(page);

        await AssertLockedAsync(page);
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
        await UnlockAsync(page);
        await Expect(page.Locator("#razon_social")).ToHaveValueAsync("Secretos del Rival S.A.C.");
        await Expect(page.Locator("#correo_acceso")).ToHaveValueAsync("a@rival.pe");
        await HoldsAsync(page, "scrollY === 150");
        await Expect(page).ToHaveTitleAsync(title);

        // The page continues to work, because the circuit is the same.
        await page.Locator("#razon_social").FillAsync("Otra Razón S.A.C.");
        await Expect(page.Locator("#subdominio")).ToHaveValueAsync("otra-razon");
    }

    [Fact]
    public async Task Lock_TwoTabs_LockAndUnlockTogetherWithDialogAndFilter()
    {
        await host.RegisterAsync(PortalTenants.NewName("guardado"), provision: false);
        var list = await SignedInAsync($"{PortalUrls.Tenants}?q=guardado");
        await Expect(list.Locator("tbody tr")).ToHaveCountAsync(1);
        var dialog = await TabAsync(list, PortalUrls.Tenants);
        await dialog.Keyboard.PressAsync("Control+k");
        await dialog.GetByRole(AriaRole.Combobox, new() { Name = "Buscar cliente" }).FillAsync("guard");
        await Expect(dialog.Locator("#global-search-results li")).ToHaveCountAsync(1);

        await list.GetByRole(AriaRole.Button, new() { Name = "Su cuenta" }).ClickAsync();
        await list.GetByRole(AriaRole.Button, new() { Name = "Bloquear ahora" }).ClickAsync();

        await AssertLockedAsync(list);
        await AssertLockedAsync(dialog);
        await dialog.Keyboard.PressAsync("Escape");
        await dialog.Keyboard.PressAsync("Escape");
        await AssertLockedAsync(dialog);
        await UnlockAsync(list);
        await Expect(dialog.Locator("#lock")).ToBeHiddenAsync();
        await Expect(dialog.GetByRole(AriaRole.Combobox, new() { Name = "Buscar cliente" })).ToHaveValueAsync("guard");
        await Expect(dialog.Locator("#global-search-results li")).ToHaveCountAsync(1);
        await Expect(list.Locator("tbody tr")).ToHaveCountAsync(1);
        Assert.EndsWith("?q=guardado", list.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lock_InputInOneTab_KeepsTheOtherOpen()
    {
        var (worked, other) = await TwoAsync();
        await PassAsync(TimeSpan.FromMinutes(10), worked, other);
        await worked.Mouse.MoveAsync(300, 300);
        var session = await SessionAsync();
        await Eventually.HoldsAsync(
            "the server has heard of it",
            async () => (await host.Services.GetRequiredService<SessionGate>()
            .ReadAsync(session, Cancellation))!.Idle < TimeSpan.FromMinutes(1), Cancellation);
        await PassAsync(TimeSpan.FromMinutes(10), worked, other);

        // The script checks at once when the window gets the focus.
        await other.EvaluateAsync("dispatchEvent(new Event('focus'))");
        Assert.False(await other.EvaluateAsync<bool>("'locked' in document.documentElement.dataset"));
        Assert.Equal("open", await StateAsync(other));
        await LeaveAloneAsync(worked, other);
        await AssertLockedAsync(worked);
    }

    [Fact]
    public async Task Locked_EveryRequest_LeadsToTheUnlockPage()
    {
        var tenant = await host.RegisterAsync(PortalTenants.NewName("oculto"), provision: false);
        var (tab, other) = await TwoAsync();
        await LeaveAloneAsync(tab, other);

        await tab.GotoAsync($"{PortalUrls.Tenant(tenant.TenantId)}?seccion=peligro");
        await Expect(tab.GetByRole(AriaRole.Heading, new() { Name = "Sesión bloqueada" })).ToBeVisibleAsync();
        await AssertAccessibleAsync(tab);
        Assert.DoesNotContain("oculto", await tab.ContentAsync(), StringComparison.OrdinalIgnoreCase);
        foreach (var path in new[] { PortalUrls.Panel, PortalUrls.Tenants, PortalUrls.MySessions, PortalUrls.SignIn,
            "/no/hay/tal" })
        {
            var answer = await tab.APIRequest.GetAsync(
                path, new()
                {
                    Headers = new Dictionary<string, string> { ["Accept"] = "text/html" },
                    MaxRedirects = 0
                });
            Assert.Equal(302, answer.Status);
            Assert.StartsWith(PortalUrls.Unlock, answer.Headers["location"], StringComparison.Ordinal);
            Assert.Equal(423, (await tab.APIRequest.GetAsync(
                path, new() { Headers = new Dictionary<string, string> { ["Accept"] = "application/json" } })).Status);
        }

        Assert.Equal(200, (await tab.APIRequest.GetAsync("/favicon.svg")).Status);
        await tab.Locator("#password").FillAsync("no-es-la-de-ana");
        await tab.GetByRole(AriaRole.Button, new() { Name = "Desbloquear" }).ClickAsync();
        await Expect(tab.GetByRole(AriaRole.Alert)).ToContainTextAsync("La contraseña no es la suya.");
        await tab.Locator("#password").FillAsync(PortalHost.AdministratorPassword);
        await tab.GetByRole(AriaRole.Button, new() { Name = "Desbloquear" }).ClickAsync();
        await DrawnAsync(tab);
        Assert.EndsWith($"{PortalUrls.Tenant(tenant.TenantId)}?seccion=peligro", tab.Url, StringComparison.Ordinal);
        await Expect(other.Locator("#lock")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Locked_OnTheServer_CircuitIgnoresInputAndKeepsItsState()
    {
        await host.RegisterAsync(PortalTenants.NewName("callado"), provision: false);
        var page = await SignedInAsync($"{PortalUrls.Tenants}?q=ningunotal");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(0);
        await Expect(page.Locator(".empty-state")).ToBeVisibleAsync();
        var session = await SessionAsync();
        await host.Services.GetRequiredService<SessionGate>().LockAsync(session, Cancellation);

        // A script in the page can send events despite the lock, as this one does.
        var field = page.Locator("[data-page-search] input, input[data-page-search]").First;
        await field.EvaluateAsync(
            "f => { f.value = 'callado'; f.dispatchEvent(new Event('input', { bubbles: true })); "
            + "f.dispatchEvent(new Event('change', { bubbles: true })); }");
        Assert.Equal("locked", await StateAsync(page));
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(0);
        Assert.EndsWith("?q=ningunotal", page.Url, StringComparison.Ordinal);

        await host.Services.GetRequiredService<StaffSessions>()
            .UnlockAsync(await host.AdministratorAsync(), session, PortalHost.AdministratorPassword, Cancellation);
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Lock_BrowserClockIsWrong_ServerClockDecides()
    {
        var page = await SignedInAsync();
        host.Time.Pass(TooLong);
        await page.EvaluateAsync("localStorage.setItem('vigia:lock:ping', Date.now() - 61000)");

        await page.Mouse.MoveAsync(200, 200);
        await page.Mouse.MoveAsync(220, 240);

        await Expect(page.Locator("#lock")).ToBeVisibleAsync();
        await AssertLockedAsync(page);
    }

    [Fact]
    public async Task Unlock_WrongPasswordFiveTimes_OnlyThisBrowserHasToWait()
    {
        var email = await host.SupportAsync();
        var page = await SignedInAsync("/", email: email);
        await LeaveAloneAsync(page);
        for (var i = 0; i < 5; i++)
        {
            await page.Locator("#lock-password").FillAsync("no-es-la-de-saul");
            await page.Keyboard.PressAsync("Enter");
            await Expect(page.Locator("#lock-password")).ToHaveValueAsync("");
            await Expect(page.Locator("#lock-password"))
                .ToHaveAccessibleDescriptionAsync("La contraseña no es la suya.");
        }

        await page.Locator("#lock-password").FillAsync(PortalHost.AdministratorPassword);
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("#lock-password-error"))
            .ToHaveTextAsync("Demasiados intentos fallidos. Vuelva a intentarlo en 1 min.");
        await AssertLockedAsync(page);
        await SignedInAsync("/", email: email);
        await page.GetByRole(AriaRole.Button, new() { Name = "Cerrar sesión" }).ClickAsync();
        await Expect(page.Locator("#email")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Unlock_ServerUnreachable_StaysLocked()
    {
        Expected.Add("ERR_");
        var page = await SignedInAsync();
        await page.RouteAsync("**/cuenta/sesion/**", route => route.AbortAsync());
        await LeaveAloneAsync(page);

        await page.Locator("#lock-password").FillAsync(PortalHost.AdministratorPassword);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#lock-password-error"))
            .ToHaveTextAsync("El portal no responde. Inténtelo otra vez en un momento.");

        // The server does not know of the lock yet. Even so, a new page of the same browser is locked.
        await page.ReloadAsync();
        await Expect(page.Locator("#lock, [data-locked-return]").First).ToBeVisibleAsync();
    }

    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task LockAndUnlockPage_EveryLook_AreAccessibleAndFit(string language, bool dark, int width)
    {
        var page = await SignedInAsync("/", new Look(language, dark, width));
        await LeaveAloneAsync(page);
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);

        await page.ReloadAsync();
        await Expect(page.Locator("[data-locked-return]")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    // A clock that all tabs of a browser share and that a test can move forward. Timers keep their pace, so nothing
    // else notices.
    protected override Task PrepareAsync(IBrowserContext context) => context.AddInitScriptAsync(
        "const now = Date.now.bind(Date); Date.now = () => { "
        + "try { return now() + Number(localStorage.getItem('ahead')); } catch { return now(); } };");

    private async Task<(IPage First, IPage Second)> TwoAsync()
    {
        var first = await SignedInAsync();
        return (first, await TabAsync(first, PortalUrls.Tenants));
    }

    private static async Task<IPage> TabAsync(IPage beside, string path)
    {
        var tab = await beside.Context.NewPageAsync();
        await tab.GotoAsync(path);
        await DrawnAsync(tab);
        return tab;
    }

    private static async Task<string?> StateAsync(IPage page) =>
        (await (await page.APIRequest.GetAsync(PortalUrls.Session)).JsonAsync())?.GetProperty("state").GetString();

    private async Task<Guid> SessionAsync()
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        return await db.Set<SignInSession>().OrderByDescending(s => s.CreatedAt).Select(s => s.Id)
            .FirstAsync(Cancellation);
    }

    private static async Task UnlockAsync(IPage page, string password = PortalHost.AdministratorPassword)
    {
        await page.Locator("#lock-password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Desbloquear" }).ClickAsync();
        await Expect(page.Locator("#lock")).ToBeHiddenAsync();
    }

    // Asserts that nothing can be read: on the screen, with the browser's search, with the keyboard, or in the title.
    private static async Task AssertLockedAsync(IPage page)
    {
        await Expect(page.Locator("#lock")).ToBeVisibleAsync();
        await Expect(page.Locator("#lock-password")).ToBeFocusedAsync();
        await Expect(page).ToHaveTitleAsync("Sesión bloqueada · Vigia Portal");
        var seen = await page.EvaluateAsync<string[]>(
            """
            () => [...document.body.querySelectorAll("*")]
              .filter(e => !e.closest("#lock")
                && e.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
              .map(e => `${e.tagName}.${e.className}`)
            """);
        Assert.Empty(seen);
        Assert.Equal(await page.Locator("#lock").InnerTextAsync(),
            (await page.EvaluateAsync<string>("document.body.innerText")).Trim());
        Assert.False(await page.EvaluateAsync<bool>("window.find('Nuevo cliente', false, false, true)"));
        var focused = await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll("a, button, input, select, textarea, [tabindex]")]
              .filter(e => !e.closest("#lock"))
              .filter(e => { e.focus(); return document.activeElement === e; }).map(e => e.outerHTML)
            """);
        Assert.Empty(focused);
        await page.Locator("#lock-password").FocusAsync();
    }

    private async Task PassAsync(TimeSpan time, params IPage[] pages)
    {
        host.Time.Pass(time);
        foreach (var context in pages.Select(page => page.Context).Distinct())
        {
            await pages.First(page => page.Context == context)
                .EvaluateAsync("ms => localStorage.setItem('ahead', Number(localStorage.getItem('ahead')) + ms)",
                time.TotalMilliseconds);
        }
    }

    private async Task LeaveAloneAsync(params IPage[] pages)
    {
        await PassAsync(TooLong, pages);
        foreach (var page in pages)
        {
            await Expect(page.Locator("#lock")).ToBeVisibleAsync();
        }
    }

    public sealed class Patient(PostgresServer server) : PortalHost(server)
    {
        public ShiftedTime Time { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(Time));
        }
    }
}
