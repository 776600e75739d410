using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Team;
using Vigia.Portal;
using Vigia.Tests.Browser;

namespace Vigia.Tests.Components.SignIn.Oidc;

/// <summary>Cases in which a sign-in at an identity provider is accepted, and cases in which it is refused.</summary>
public sealed class OidcSignInTests(OidcHost host) : IClassFixture<OidcHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_FirstTime_LinksByVerifiedAddressAndLaterBySubject()
    {
        var member = await host.AddStaffAsync("Lucila Primera", StaffRoles.Support);
        host.Provider.Be("lucia-1", member.Email!.ToUpperInvariant());

        var first = await SignInAsync();
        host.Provider.Be("lucia-1", "casada@otra.example");
        host.Provider.EmailVerified = false;
        var second = await SignInAsync();

        Assert.Equal((HttpStatusCode.OK, PortalUrls.Panel), (first.Status, first.Address.AbsolutePath));
        Assert.Equal((HttpStatusCode.OK, PortalUrls.Panel), (second.Status, second.Address.AbsolutePath));
        Assert.Equal(["oidc", "oidc"], await host.MethodsAsync(member.Id));
        Assert.Equal(["staff.oidc_linked", "staff.signed_in", "staff.signed_in"], await host.ActionsAsync(member.Id));
    }

    [Fact]
    public async Task SignIn_ManyAtOnce_LinkOnce()
    {
        var member = await host.AddStaffAsync("Berta Veloz", StaffRoles.Support);
        host.Provider.Be("berta-veloz", member.Email);

        var arrivals = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => SignInAsync()));

        Assert.All(arrivals, arrival => Assert.Equal(HttpStatusCode.OK, arrival.Status));
        Assert.Single(await host.ActionsAsync(member.Id), "staff.oidc_linked");
    }

    [Fact]
    public async Task SignIn_Refused_ShowsTheSameMessageForEveryReason()
    {
        var linked = await host.LinkedAsync("Vinculada Persona", StaffRoles.Support);
        var known = await host.AddStaffAsync("Conocida Persona", StaffRoles.Support);
        var (disabled, over) =
            (await host.LinkedAsync("Inhabilitada Persona", StaffRoles.Support),
            await host.AddStaffAsync("Terminada Persona", StaffRoles.Support));
        await host.InMasterAsync(async db =>
        {
            await db.Users.Where(s => s.Id == disabled.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.DisabledAt, DateTimeOffset.UtcNow), Cancellation);
            await db.Users.Where(s => s.Id == over.Id)
                .ExecuteUpdateAsync(
                set => set.SetProperty(s => s.AccessEndsAt, DateTimeOffset.UtcNow.AddMinutes(-1)), Cancellation);
        });
        var refused = new List<string>();
        foreach (var (subject, email, verified) in new (string, string?, object?)[]
        {
            ("nobody", "nadie@vigia.example", true), ("known-1", known.Email, false), ("known-2", known.Email, "false"),
            ("known-3", known.Email, null), ("known-4", null, true), ("known-5", "a\u0000b@vigia.example", true),
            ("another-subject", linked.Email, true), ($"sub-{disabled.Id:n}", disabled.Email, true),
            ("new-1", disabled.Email, true), ("new-2", over.Email, true),
        })
        {
            host.Provider.Be(subject, email);
            host.Provider.EmailVerified = verified;
            using var visitor = new OidcVisitor(host.Address);
            var arrival = await visitor.SignInAsync();
            Assert.Equal((HttpStatusCode.Forbidden, PortalUrls.SignIn), (arrival.Status, arrival.Address.AbsolutePath));
            Assert.False(visitor.IsSignedIn);
            refused.Add(OidcVisitor.Unsealed(arrival));
        }

        Assert.Single(refused.Distinct());
        Assert.Contains("Con esa cuenta no se puede entrar al portal.", WebUtility.HtmlDecode(refused[0]),
            StringComparison.Ordinal);
        Assert.Contains("otra=true", refused[0], StringComparison.Ordinal);
        Assert.Empty(await host.MethodsAsync(known.Id));
        await host.InMasterAsync(
            async db => Assert.Equal(
            1, await db.UserLogins.CountAsync(
            l => l.UserId == linked.Id || l.UserId == known.Id || l.UserId == over.Id, Cancellation)));
    }

    [Fact]
    public async Task SignIn_AccountThatHasToWait_StillWorks()
    {
        var member = await host.LinkedAsync("Asediada Persona", StaffRoles.Support);
        using var stranger = PostedSignIn.Visitor(host);
        HttpStatusCode status;
        do
        {
            using var answer = await PostedSignIn.PostAsync(stranger, member.Email!, "no-es", null, Cancellation);
            status = answer.StatusCode;
        }
        while (status == HttpStatusCode.OK);

        var arrival = await SignInAsync();

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.OK), (status, arrival.Status));
        Assert.Equal(2, (await host.MethodsAsync(member.Id)).Count);
    }

    [Fact]
    public async Task SignIn_AddressInUserInfoOnly_IsAccepted()
    {
        var member = await host.AddStaffAsync("Ursulina Info", StaffRoles.Support);
        host.Provider.Be("ursula", member.Email);
        host.Provider.EmailInUserInfo = true;

        Assert.Equal(HttpStatusCode.OK, (await SignInAsync()).Status);

        Assert.Equal(["oidc"], await host.MethodsAsync(member.Id));
    }

    [Fact]
    public async Task SignIn_InvitedPersonWithoutAPassword_IsAccepted()
    {
        var invited = await host.InvitedAsync("Inés Invitada", PortalTeam.Access(StaffRoles.Auditor));
        host.Provider.Be("ines", invited.Email);

        Assert.Equal(HttpStatusCode.OK, (await SignInAsync()).Status);

        var details = await host.Services.GetRequiredService<StaffDirectory>()
            .GetAsync(await host.AdministratorAsync(), invited.StaffId, Cancellation);
        Assert.Equal(StaffState.Active, details.Member.State);
    }

    [Theory]
    [InlineData("/clientes?estado=active", "/clientes?estado=active")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("javascript:alert(1)", "/")]
    public async Task SignIn_ReturnUrl_StaysInThePortal(string returnUrl, string expected)
    {
        var member = await host.AddStaffAsync("Vuelta Persona", StaffRoles.Support);
        host.Provider.Be($"vuelta-{member.Id:n}", member.Email);
        using var visitor = new OidcVisitor(host.Address);

        var arrival = await visitor.SignInAsync(returnUrl);

        Assert.Equal(new Uri(host.Address, expected), arrival.Address);
    }

    [Fact]
    public async Task SignIn_Request_IsCodeWithPkceAndTheCookiesAreStrictEnough()
    {
        host.Provider.Be("somebody", "somebody@vigia.example");
        using var visitor = new OidcVisitor(host.Address);

        await visitor.SignInAsync();

        var asked = host.Provider.Asked;
        Assert.Equal(("code", "S256", new Uri(host.Address, PortalUrls.OidcCallback).ToString()),
            (asked["response_type"], asked["code_challenge_method"], asked["redirect_uri"]));
        Assert.True(asked.GetValueOrDefault("response_mode", "query") == "query" && asked.ContainsKey("nonce")
            && !asked.ContainsKey("prompt"));
        Assert.Contains(visitor.Cookies,
            cookie => cookie.StartsWith("vigia.oidc.correlation.", StringComparison.Ordinal));
        Assert.Contains(visitor.Cookies, cookie => cookie.StartsWith("vigia.oidc.nonce.", StringComparison.Ordinal));
        Assert.All(
            visitor.Cookies.Where(
                cookie => cookie.StartsWith("vigia.oidc", StringComparison.Ordinal)
                && !cookie.Contains("1970", StringComparison.Ordinal)),
            cookie => Assert.True(
                cookie.Contains("samesite=lax", StringComparison.OrdinalIgnoreCase)
                && cookie.Contains("httponly", StringComparison.OrdinalIgnoreCase), cookie));
    }

    private async Task<Arrival> SignInAsync()
    {
        using var visitor = new OidcVisitor(host.Address);
        return await visitor.SignInAsync();
    }
}
