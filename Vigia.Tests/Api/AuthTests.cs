using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Browser;

namespace Vigia.Tests.Api;

/// <summary>Authentication: tokens, refusals, and that a browser's cookie gives no access to the API.</summary>
public sealed class AuthTests(ApiHost host) : IClassFixture<ApiHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_RightCredentials_OpensTheApiAndIsInTheTrail()
    {
        using var nobody = await host.AsAsync(null);

        var token = (await nobody.PostAsync(
            "auth/token", new { email = PortalHost.AdministratorEmail, password = PortalHost.AdministratorPassword }))
            .Expect(200);

        Assert.Equal(("bearer", 3600),
            (token.GetProperty("token_type").GetString(), token.GetProperty("expires_in").GetInt32()));
        using var api = new ApiCalls(host.Address, token.GetProperty("access_token").GetString());
        var record = (await api.GetAsync("audit?action=staff.signed_in&page_size=1")).Expect(200)
            .GetProperty("items")[0];
        Assert.Equal("API", record.GetProperty("via").GetString());
        Assert.Equal("password", record.GetProperty("after").GetProperty("method").GetString());
    }

    [Fact]
    public async Task Token_WrongPasswordOrUnknownAddress_GivesTheSameAnswer()
    {
        using var nobody = await host.AsAsync(null);

        var wrong = await nobody.PostAsync(
            "auth/token", new { email = PortalHost.AdministratorEmail, password = "no-es-la-de-ana" });
        var unknown = await nobody.PostAsync(
            "auth/token", new { email = "nadie@vigia.example", password = PortalHost.AdministratorPassword });

        Assert.Equal(wrong.ExpectProblem(401, "credentials_wrong").GetProperty("detail").GetString(),
            unknown.ExpectProblem(401, "credentials_wrong").GetProperty("detail").GetString());
        Assert.Contains(wrong.Headers.WwwAuthenticate, challenge => challenge.Scheme == "Bearer");
        var problem = (await nobody.PostAsync("auth/token", new { email = "a\0b" }))
            .ExpectProblem(422, "invalid_input");
        Assert.Equal(["email", "password"],
            problem.GetProperty("errors").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    // Text that is no credential gets the answer of a wrong one, as on the page.
    [Fact]
    public async Task Token_OddText_IsAWrongCredential()
    {
        using var nobody = await host.AsAsync(null);
        var (email, password) = (await host.SupportAsync(), PortalHost.AdministratorPassword);
        string[] texts =
        [
            "\\u200d", "\\u0000", "\\ud800", "\\udc00\\ud800", "\\u202e", "\\ufeff", "\\u00ad", "\\uffff", "\\ufffe",
            "\\u0130", "\\udb40\\udc41", "\\u0085", "\\u1e9e", new string('x', 300), "@\\u3002", "@xn--",
            "'; DROP TABLE staff; --",
        ];
        var bodies = texts.SelectMany((odd, i) => new[]
        {
            $"{{\"email\":\"{email}{odd}e\",\"password\":\"{password}\"}}",
            $"{{\"email\":\"raro-{i}@{odd}vigia.example\",\"password\":\"{password}{odd}\","
                + $"\"two_factor_code\":\"{odd}\"}}",
        });

        foreach (var answer in await Task.WhenAll(bodies.Select(body => nobody.PostAsync("auth/token", body))))
        {
            answer.ExpectProblem(401, "credentials_wrong");
        }
    }

    [Fact]
    public async Task Token_AfterFiveWrongTries_HasToWaitEvenWithTheRightPassword()
    {
        using var nobody = await host.AsAsync(null);
        await TryAsync(nobody, await host.SupportAsync());
        await TryAsync(nobody, "nadie-con-este-nombre@vigia.example");
    }

    [Fact]
    public async Task Token_TooManyWrongTries_OpenTokensAndPagesStillWork()
    {
        using var nobody = await host.AsAsync(null);
        var email = await host.SupportAsync();
        var issued = (await nobody.PostAsync(
            "auth/token", new { email, password = PortalHost.AdministratorPassword })).Expect(200);
        using var api = new ApiCalls(host.Address, issued.GetProperty("access_token").GetString());
        using var known = new BrowserSession(host);
        await known.SignInAsync(email, PortalHost.AdministratorPassword);

        await TryAsync(nobody, email);

        (await api.GetAsync("clientes")).Expect(200);
        Assert.Equal(200, (int)(await known.GetAsync("/")).StatusCode);
        known.Close();
        await known.SignInAsync(email, PortalHost.AdministratorPassword);
        Assert.Equal(200, (int)(await known.GetAsync("/")).StatusCode);
    }

    private static async Task TryAsync(ApiCalls nobody, string email)
    {
        for (var i = 0; i < 5; i++)
        {
            (await nobody.PostAsync("auth/token", new { email, password = "no-es" }))
                .ExpectProblem(401, "credentials_wrong");
        }

        foreach (var password in new[] { PortalHost.AdministratorPassword, "no-es" })
        {
            var refused = await nobody.PostAsync("auth/token", new { email, password });
            refused.ExpectProblem(429, "too_many_requests");
            Assert.InRange(
                refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        }
    }

    [Fact]
    public async Task Token_WithASecondFactor_NeedsItsCode()
    {
        using var nobody = await host.AsAsync(null);
        var email = await host.SupportAsync();
        await using var scope = host.Scope();
        var members = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
        var member = (await members.FindByEmailAsync(email))!;
        var secret = Totp.NewSecret();
        var now = Totp.Code(secret, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
        var recovery = (await scope.ServiceProvider.GetRequiredService<OwnSecondFactor>()
            .EnrolAsync(member, null, secret, now, Cancellation))[0];

        (await nobody.PostAsync("auth/token", new { email, password = PortalHost.AdministratorPassword }))
            .ExpectProblem(401, "credentials_wrong");
        (await nobody.PostAsync(
            "auth/token", new { email, password = PortalHost.AdministratorPassword, two_factor_code = "000000" }))
            .ExpectProblem(401, "credentials_wrong");
        (await nobody.PostAsync(
            "auth/token", new { email, password = PortalHost.AdministratorPassword, two_factor_code = recovery }))
            .Expect(200);
        (await nobody.PostAsync(
            "auth/token", new { email, password = PortalHost.AdministratorPassword, two_factor_code = recovery }))
            .ExpectProblem(401, "credentials_wrong");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer vgp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwicm9sZSI6IkFkbWluaXN0cmF0b3IifQ.")]
    [InlineData("Basic YW5hOmFuYQ==")]
    [InlineData("garbage")]
    public async Task Call_WithoutAValidToken_Returns401(string? header)
    {
        using var nobody = await host.AsAsync(null);

        var answer = await nobody.SendAsync(
            HttpMethod.Get, "clientes", null, header is null ? [] : [("Authorization", header)]);

        answer.ExpectProblem(401, "not_authenticated");
        Assert.Equal(header is null ? "realm=\"vigia\"" : "realm=\"vigia\", error=\"invalid_token\"",
            answer.Headers.WwwAuthenticate.Single().Parameter);
    }

    [Fact]
    public async Task Call_WithTheCookieOfABrowser_IsRefusedAndTheCookieNotRenewed()
    {
        using var browser = new BrowserSession(host);
        await browser.SignInAsync(PortalHost.AdministratorEmail, PortalHost.AdministratorPassword);
        var cookie = browser.Cookies;
        using var nobody = await host.AsAsync(null);
        using var page = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Cookie", cookie } } };
        Assert.Equal(200, (await nobody.SendAsync(page)).Status);

        var answer = await nobody.SendAsync(HttpMethod.Get, "clientes", null, ("Cookie", cookie));

        answer.ExpectProblem(401, "not_authenticated");
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Call_ByADemotedOrDisabledPerson_IsRefusedAtOnce()
    {
        using var api = await host.AsAsync(StaffRoles.Operator);
        await using var scope = host.Scope();
        var members = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
        var member = (await members.FindByIdAsync(host.StaffOf(StaffRoles.Operator).ToString()))!;
        (await api.PostAsync("clientes", new { })).ExpectProblem(422, "invalid_input");

        await members.RemoveFromRoleAsync(member, StaffRoles.Operator);
        await members.AddToRoleAsync(member, StaffRoles.Support);
        (await api.PostAsync("clientes", new { })).ExpectProblem(403, "forbidden");
        (await api.GetAsync("clientes")).Expect(200);

        member.DisabledAt = DateTimeOffset.UtcNow;
        await members.UpdateAsync(member);
        (await api.GetAsync("clientes")).ExpectProblem(401, "not_authenticated");
    }

    [Fact]
    public async Task List_ByALimitedAuditor_HasTheirTenantOnly()
    {
        var own = await host.ReadyTenantAsync(PortalTenants.NewName("propio"));
        var rival = await host.ReadyTenantAsync(PortalTenants.NewName("rival"));
        using var api = await host.AsAsync(StaffRoles.Auditor);
        await using (var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation))
        {
            var auditor = host.StaffOf(StaffRoles.Auditor);
            await db.Users.Where(s => s.Id == auditor)
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.IsScoped, true), Cancellation);
            db.Set<StaffScope>().Add(new StaffScope { StaffId = auditor, TenantId = own });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Equal(1, (await api.GetAsync("clientes")).Expect(200).GetProperty("total").GetInt32());
        (await api.GetAsync($"clientes/{rival}")).ExpectProblem(404, "tenant_unknown");
        foreach (var list in new[] { "operations", "audit" })
        {
            Assert.All((await api.GetAsync($"{list}?page_size=200")).Expect(200).GetProperty("items").EnumerateArray(),
                item => Assert.Equal(own, item.GetProperty("tenant_id").GetInt32()));
        }
    }

    [Fact]
    public async Task Record_OfACallWithAToken_NamesTheToken()
    {
        var token = await host.PersonalTokenAsync(
            await host.AdministratorAsync(), Rights.TenantsCreate, Rights.AuditView);
        using var api = new ApiCalls(host.Address, token);

        var created = (await api.PostAsync(
            "clientes", ClientesTests.New(PortalTenants.NewName("api"), c => c["provision"] = false))).Expect(201);

        var record = (await api.GetAsync(
            $"audit?tenant_id={created.GetProperty("cliente").GetProperty("id").GetInt32()}")).Expect(200)
            .GetProperty("items")[0];
        Assert.StartsWith("Prueba ", record.GetProperty("via").GetString(), StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", record.GetProperty("actor_address").GetString());
        (await api.PostAsync("clientes", ClientesTests.New(PortalTenants.NewName("api"))))
            .ExpectProblem(403, "forbidden");
    }
}
