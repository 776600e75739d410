using System.Net;
using Vigia.Core.Foundation.Access;
using Vigia.Portal;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Components.SignIn.Oidc;

/// <summary>All faults that a provider's answer can have: a page reports the fault, and nobody is signed in.</summary>
public sealed class OidcProtocolTests(OidcHost host) : IClassFixture<OidcHost>
{
    [Theory]
    [InlineData(OidcFault.NoSignature)]
    [InlineData(OidcFault.EmptySignature)]
    [InlineData(OidcFault.OtherKey)]
    [InlineData(OidcFault.SharedSecret)]
    [InlineData(OidcFault.OtherAudience)]
    [InlineData(OidcFault.OtherIssuer)]
    [InlineData(OidcFault.Expired)]
    [InlineData(OidcFault.OtherNonce)]
    [InlineData(OidcFault.NoNonce)]
    [InlineData(OidcFault.OtherUserInfo)]
    [InlineData(OidcFault.Broken)]
    [InlineData(OidcFault.Denied)]
    public async Task Callback_WrongAnswer_IsRefusedWithAPage(OidcFault fault)
    {
        var member = await host.LinkedAsync("Tomasa Token", StaffRoles.Administrator);
        host.Provider.Fault = fault;
        using var visitor = new OidcVisitor(host.Address);

        var arrival = await visitor.SignInAsync(PortalUrls.Tenants);

        AssertFailed(arrival, visitor);
        Assert.Contains("returnUrl=%2Fclientes", arrival.Address.Query, StringComparison.Ordinal);
        Assert.Single(await host.MethodsAsync(member.Id));
        host.Provider.Fault = OidcFault.None;
        Assert.Equal(PortalUrls.Tenants, (await visitor.SignInAsync(PortalUrls.Tenants)).Address.AbsolutePath);
    }

    // With an open session at the provider nobody would be asked anything.
    [Fact]
    public async Task Start_CausedByAnotherSite_IsRefused()
    {
        await host.LinkedAsync("Gema Gesto", StaffRoles.Administrator);
        using var visitor = new OidcVisitor(host.Address) { From = "cross-site" };
        Assert.Equal(HttpStatusCode.Forbidden, (await visitor.SignInAsync()).Status);
        Assert.False(visitor.IsSignedIn);
        visitor.From = "same-origin";
        await visitor.SignInAsync();
        Assert.True(visitor.IsSignedIn);

        visitor.From = "cross-site";

        Assert.Equal(HttpStatusCode.Forbidden, (await visitor.ConfirmAsync("account.name", "x")).Status);
        Assert.Equal(
            HttpStatusCode.Forbidden, (await visitor.GoAsync(PortalUrls.OidcLinkWith("reauth:x"))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?code=abc")]
    [InlineData("?code=abc&state=forged")]
    [InlineData("?error=server_error&state=forged")]
    public async Task Callback_Unrequested_IsRefusedWithAPage(string query)
    {
        using var visitor = new OidcVisitor(host.Address);

        AssertFailed(await visitor.GoAsync(PortalUrls.OidcCallback + query), visitor);
    }

    [Fact]
    public async Task Callback_StateOfAnotherBrowser_IsRefused()
    {
        await host.LinkedAsync("Estela Estado", StaffRoles.Support);
        using var attacker =
            new OidcVisitor(host.Address)
            {
                Instead = address =>
            address.AbsolutePath == PortalUrls.OidcCallback ? null : address
            };
        await attacker.SignInAsync();
        using var victim = new OidcVisitor(host.Address);

        // The browser receives another person's answer. It would be signed in as the attacker.
        AssertFailed(await victim.GoAsync(attacker.Callback!), victim);
    }

    [Fact]
    public async Task Callback_Twice_IsRefused()
    {
        var member = await host.LinkedAsync("Repetida Persona", StaffRoles.Support);
        using var visitor = new OidcVisitor(host.Address);
        await visitor.SignInAsync();
        using var other = new OidcVisitor(host.Address);

        var again = await visitor.GoAsync(visitor.Callback!);
        AssertFailed(await other.GoAsync(visitor.Callback!), other);

        // This visitor is signed in already and stays signed in.
        Assert.Equal(PortalUrls.Panel, again.Address.AbsolutePath);
        Assert.Equal(2, (await host.MethodsAsync(member.Id)).Count);
    }

    [Fact]
    public async Task End_WithoutAnAnswer_IsRefused()
    {
        using var visitor = new OidcVisitor(host.Address);

        AssertFailed(await visitor.GoAsync(PortalUrls.OidcSignedIn), visitor);
    }

    [Fact]
    public async Task SignOutAddresses_OfTheFramework_DoNotExist()
    {
        using var visitor = new OidcVisitor(host.Address);
        await host.LinkedAsync("Salida Persona", StaffRoles.Support);
        await visitor.SignInAsync();

        await visitor.GoAsync("/signout-oidc");
        await visitor.GoAsync("/signout-callback-oidc");

        Assert.Equal(PortalUrls.Tenants, (await visitor.GoAsync(PortalUrls.Tenants)).Address.AbsolutePath);
    }

    private static void AssertFailed(Arrival arrival, OidcVisitor visitor)
    {
        Assert.Equal((HttpStatusCode.BadRequest, PortalUrls.SignIn), (arrival.Status, arrival.Address.AbsolutePath));
        Assert.Contains("La cuenta de empresa no se pudo comprobar.", WebUtility.HtmlDecode(arrival.Text),
            StringComparison.Ordinal);
        Assert.Contains("id=\"password\"", arrival.Text, StringComparison.Ordinal);
        Assert.False(visitor.IsSignedIn);
    }
}

/// <summary>A portal whose public address differs from the one on which it listens.</summary>
public sealed class OidcProxiedTests(OidcProxiedHost host) : IClassFixture<OidcProxiedHost>
{
    [Fact]
    public async Task SignIn_BaseUrlSet_IsTheRedirectUriAndTriesAreLimited()
    {
        var member = await host.AddStaffAsync("Paquita Proxy", StaffRoles.Support);
        host.Provider.Be("paquita", member.Email);
        for (var i = 0; i < OidcProxiedHost.PerMinute; i++)
        {
            using var visitor = Visitor();
            Assert.Equal((HttpStatusCode.OK, true), ((await visitor.SignInAsync()).Status, visitor.IsSignedIn));
        }

        using var last = Visitor();
        var refused = await last.SignInAsync();

        Assert.Equal(OidcProxiedHost.Base + PortalUrls.OidcCallback, host.Provider.Asked["redirect_uri"]);
        Assert.Equal((HttpStatusCode.TooManyRequests, false), (refused.Status, last.IsSignedIn));
        Assert.Contains("Demasiados intentos seguidos.", refused.Text, StringComparison.Ordinal);
    }

    // The visitor replaces addresses as the proxy would.
    private OidcVisitor Visitor() =>
        new(host.Address)
        {
            Instead = address =>
        address.Port == 9 ? new Uri(host.Address, address.PathAndQuery) : address
        };
}

/// <summary>An unreachable provider does not affect people who can sign in another way.</summary>
public sealed class OidcAwayTests(OidcAwayHost host) : IClassFixture<OidcAwayHost>
{
    [Fact]
    public async Task SignIn_ProviderUnreachable_SaysSoAndThePasswordWorks()
    {
        using var visitor = new OidcVisitor(host.Address);

        var arrival = await visitor.SignInAsync();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, PortalUrls.SignIn),
            (arrival.Status, arrival.Address.AbsolutePath));
        Assert.Contains("no responde", arrival.Text, StringComparison.Ordinal);
        var member = await host.AddStaffAsync("Clara Contraseña", StaffRoles.Support);
        var inside = await visitor.PostPasswordAsync(arrival, member.Email!, SecondFactorPages.Password);
        Assert.Equal((PortalUrls.Panel, true), (inside.Address.AbsolutePath, visitor.IsSignedIn));
    }
}

/// <summary>A portal without a provider offers no sign-in through one.</summary>
public sealed class OidcNoneTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Portal_NoProvider_HasNeitherButtonNorAddress()
    {
        using var visitor = new OidcVisitor(host.Address);

        var page = await visitor.GoAsync($"{PortalUrls.SignIn}?aviso=oidc_refused");

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.DoesNotContain("empresa", page.Text, StringComparison.Ordinal);
        var member = await host.AddStaffAsync("Sola Persona", StaffRoles.Administrator);
        await visitor.PostPasswordAsync(page, member.Email!, SecondFactorPages.Password);
        foreach (var address in new[] { PortalUrls.OidcSignIn, PortalUrls.OidcCallback, PortalUrls.OidcSignedIn,
            PortalUrls.OidcConfirm, PortalUrls.OidcConfirmed, PortalUrls.OidcLink, PortalUrls.OidcLinked })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await visitor.GoAsync(address)).Status);
        }
    }
}
