using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Sessions;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Sessions;
using Vigia.Portal.Components.Shared;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Sessions;

/// <summary>A session in the browser. Its end, or a change of its person's rights, reaches the open page.</summary>
public sealed class SessionPagesTests(SessionPagesTests.Attentive host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<SessionPagesTests.Attentive>
{
    protected override bool SignsInEachTime => true;

    private const string Password = PortalHost.AdministratorPassword;

    [Fact]
    public async Task MySessions_EndOneOther_ItsPageGoesToTheSignIn()
    {
        var email = await host.SupportAsync();
        var (lost, here) = (
            await SignedInAsync(PortalUrls.Tenants, email: email),
            await SignedInAsync(PortalUrls.MySessions, email: email));
        await Expect(here.Locator(".session-list li")).ToHaveCountAsync(2);
        await Expect(here.Locator(".session-list li").First).ToContainTextAsync("Chrome en Linux");
        await Expect(here.Locator(".session-list li").First).ToContainTextAsync("Esta sesión");
        await AssertAccessibleAsync(here);

        await here.GetByRole(AriaRole.Button, new() { Name = "Cerrar la sesión de Chrome en Linux" }).ClickAsync();

        await Expect(here.Locator(".session-list li")).ToHaveCountAsync(1);
        await Expect(lost.Locator("#email")).ToBeVisibleAsync();
        Assert.Contains(Uri.EscapeDataString(PortalUrls.Tenants), lost.Url, StringComparison.Ordinal);
        await lost.GotoAsync(PortalUrls.Tenants);
        await Expect(lost.Locator("#email")).ToBeVisibleAsync();
        await Expect(here.Locator(".shell")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task MySessions_EndAllOthers_OnlyThisOneStays()
    {
        var email = await host.SupportAsync();
        var (one, two, here) =
            (await SignedInAsync("/", email: email), await SignedInAsync("/", email: email),
            await SignedInAsync(PortalUrls.MySessions, email: email));

        await here.GetByRole(AriaRole.Button, new() { Name = "Cerrar todas las demás" }).ClickAsync();
        await Expect(here.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Se cierran 2 sesiones");
        await AssertAccessibleAsync(here);
        await here.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cerrar todas las demás" })
            .ClickAsync();

        await Expect(one.Locator("#email")).ToBeVisibleAsync();
        await Expect(two.Locator("#email")).ToBeVisibleAsync();
        await Expect(here.GetByText("No hay otra sesión abierta.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task MySessions_OnlyATokenIsLeft_CanBeEnded()
    {
        var email = await host.SupportAsync();
        await PostgresServer.ExecuteAsync(
            host.Master, $"""
            INSERT INTO portal.api_tokens (id, staff_id, token_hash, prefix, created_at, expires_at)
            SELECT gen_random_uuid(), id, '\x01', 'vgs_abc', now(), now() + interval '1 hour' FROM portal.staff
            WHERE email = '{email}'
            """, Cancellation);
        var page = await SignedInAsync(PortalUrls.MySessions, email: email);
        await Expect(page.GetByText("1 token de la API abre su cuenta.")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Revocar los tokens" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Revocar los tokens" })
            .ClickAsync();

        await Expect(page.GetByText("Sesiones cerradas: 0. Tokens revocados: 1.").First).ToBeVisibleAsync();
        await Expect(page.GetByText("de la API abre")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("UPDATE portal.staff SET disabled_at = now() WHERE email = '{0}'")]
    [InlineData("UPDATE portal.staff SET access_ends_at = now() WHERE email = '{0}'")]
    [InlineData("UPDATE portal.staff SET security_stamp = 'another' WHERE email = '{0}'")]
    public async Task OpenPage_PersonMayNoLongerSignIn_IsClosed(string sql)
    {
        var email = await host.SupportAsync();
        var page = await SignedInAsync(PortalUrls.Tenants, email: email);

        await PostgresServer.ExecuteAsync(
            host.Master, string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, email), Cancellation);

        await Expect(page.Locator("#email")).ToBeVisibleAsync();
        Assert.Equal("over",
            (await (await page.APIRequest.GetAsync(PortalUrls.Session)).JsonAsync())?.GetProperty("state").GetString());
    }

    [Fact]
    public async Task OpenPage_RolesChange_HasTheNewOnes()
    {
        var email = await host.SupportAsync();
        await BecomeAsync(email, StaffRoles.Operator);
        var page = await SignedInAsync(PortalUrls.Tenants, email: email);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Nuevo cliente" }).First).ToBeVisibleAsync();

        await BecomeAsync(email, StaffRoles.Support);

        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Nuevo cliente" })).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Clientes", Level = 1 })).ToBeVisibleAsync();
        await page.ReloadAsync();
        await DrawnAsync(page);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Nuevo cliente" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task SignInForm_CookiePlantedMeanwhile_IsRefusedWithAPage()
    {
        var (attacker, victim) = (await SignedInAsync("/", email: await host.SupportAsync()), await NewPageAsync());
        var planted = await CookieAsync(attacker);
        await victim.GotoAsync(PortalUrls.SignIn);
        await PlantAsync(victim, planted);
        var before = await SignInsAsync();

        await SignInHereAsync(victim);

        await Expect(victim.GetByRole(AriaRole.Heading, new() { Name = "Esta página ya no sirve" })).ToBeVisibleAsync();
        await AssertAccessibleAsync(victim);
        Assert.Equal(planted.Value, (await CookieAsync(victim)).Value);
        Assert.Equal(before, await SignInsAsync());
    }

    [Fact]
    public async Task SignInForm_CookiesClearedMeanwhile_LeadsToAFreshOne()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(PortalUrls.SignInAndReturn(PortalUrls.Trash));
        await page.Context.ClearCookiesAsync();
        await SignInHereAsync(page);

        await page.GetByRole(AriaRole.Link, new() { Name = "Abrirla de nuevo" }).ClickAsync();
        await SignInHereAsync(page);

        await DrawnAsync(page);
        Assert.EndsWith(PortalUrls.Trash, page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookie_PlantedBeforeTheSignIn_IsReplacedAndInvalid()
    {
        var (attacker, victim) = (await SignedInAsync("/", email: await host.SupportAsync()), await NewPageAsync());
        var planted = await CookieAsync(attacker);
        await PlantAsync(victim, planted);
        await victim.GotoAsync(PortalUrls.Panel);
        await DrawnAsync(victim);

        await SignOutAsync(victim);
        await SignInHereAsync(victim);
        await DrawnAsync(victim);

        Assert.NotEqual(planted.Value, (await CookieAsync(victim)).Value);
        await attacker.GotoAsync(PortalUrls.Panel);
        await Expect(attacker.Locator("#email")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Cookie_AfterSignOut_IsInvalid()
    {
        var page = await SignedInAsync();
        var kept = await CookieAsync(page);
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync(PortalUrls.Tenants);
        await DrawnAsync(other);

        await SignOutAsync(page);

        await Expect(other.Locator("#email")).ToBeVisibleAsync();
        await PlantAsync(page, kept);
        await page.GotoAsync(PortalUrls.Tenants);
        await Expect(page.Locator("#email")).ToBeVisibleAsync();
    }

    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task MySessions_EveryLook_IsAccessibleAndFits(string language, bool dark, int width)
    {
        var email = await host.SupportAsync();
        await SignedInAsync("/", email: email);
        var page = await SignedInAsync(PortalUrls.MySessions, new Look(language, dark, width), email);
        await Expect(page.Locator(".session-list li")).ToHaveCountAsync(2);
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    // Each page asks whether its session is open, and the database answers in any order.
    [Fact]
    public async Task Unlock_WaitingInput_IsHandledInItsOrder()
    {
        await using var scope = host.Scope();
        var services = scope.ServiceProvider;
        var member = (await services.GetRequiredService<UserManager<StaffMember>>()
            .FindByEmailAsync(await host.SupportAsync()))!;
        var now = DateTimeOffset.UtcNow;
        var session = new SignInSession
        {
            StaffId = member.Id, CreatedAt = now, LastInputAt = now, LockedAt = now,
            Method = SignInMethods.Password
        };
        await using var db = await services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        db.Set<SignInSession>().Add(session);
        await db.SaveChangesAsync(Cancellation);
        var person = await services.GetRequiredService<IUserClaimsPrincipalFactory<StaffMember>>().CreateAsync(member);
        ((ClaimsIdentity)person.Identity!).AddClaim(new Claim(StaffClaims.SessionId, session.Id.ToString()));
        var authentication = new ServerAuthenticationStateProvider();
        authentication.SetAuthenticationState(Task.FromResult(new AuthenticationState(person)));
        await using var circuit = new CircuitSession(
            authentication, services.GetRequiredService<SessionGate>(),
            services.GetRequiredService<IServiceScopeFactory>(), services.GetRequiredService<IOptions<SessionPace>>(),
            new CircuitLock(), new CircuitLine(), TimeProvider.System);
        var opened = circuit.OnCircuitOpenedAsync(null!, Cancellation);
        var order = new ConcurrentQueue<int>();
        var events = Enumerable.Range(0, 50).Select(i => circuit.CreateInboundActivityHandler(_ =>
        {
            order.Enqueue(i);
            return Task.CompletedTask;
        })(null!)).ToList();
        Assert.Empty(order);

        await db.Set<SignInSession>().Where(s => s.Id == session.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LockedAt, (DateTimeOffset?)null), Cancellation);

        await Task.WhenAll([.. events, opened]);
        Assert.Equal(Enumerable.Range(0, 50), order);
    }

    private static async Task SignInHereAsync(IPage page)
    {
        await page.Locator("#email").FillAsync(PortalHost.AdministratorEmail);
        await page.Locator("#password").FillAsync(Password);
        await page.Locator("button.primary").ClickAsync();
    }

    private static async Task SignOutAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Su cuenta" }).ClickAsync();
        await page.GetByText("Cerrar sesión").ClickAsync();
        await Expect(page.Locator("#email")).ToBeVisibleAsync();
    }

    private Task PlantAsync(IPage page, BrowserContextCookiesResult cookie) =>
        page.Context.AddCookiesAsync(
            [new Cookie { Name = cookie.Name, Value = cookie.Value, Url = host.Address.ToString() }]);

    // Counts the administrator's sessions. In these tests the browser signs in only where a test says so.
    private async Task<int> SignInsAsync()
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        var administrator = (await host.AdministratorAsync()).StaffId;
        return await db.Set<SignInSession>()
            .CountAsync(s => s.StaffId == administrator && s.EndedAt == null, Cancellation);
    }

    private Task BecomeAsync(string email, string role) => PostgresServer.ExecuteAsync(
        host.Master,
        $"""
        UPDATE portal.staff_role_members SET role_id = (SELECT id FROM portal.staff_roles WHERE name = '{role}')
        WHERE user_id = (SELECT id FROM portal.staff WHERE email = '{email}')
        """, Cancellation);

    private static async Task<BrowserContextCookiesResult> CookieAsync(IPage page) =>
        (await page.Context.CookiesAsync()).Single(cookie => cookie.Name == "vigia.staff");

    /// <summary>A portal that checks its sessions five times a second.</summary>
    public sealed class Attentive(PostgresServer server) : PortalHost(server)
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureTestServices(
                services => services.Configure<SessionPace>(
                pace => pace.Look = pace.Trust = TimeSpan.FromMilliseconds(200)));
        }
    }
}
