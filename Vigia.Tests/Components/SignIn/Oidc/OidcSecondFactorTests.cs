using System.Net;
using Vigia.Core.Foundation.Access;
using Vigia.Portal;
using Vigia.Tests.Browser;

namespace Vigia.Tests.Components.SignIn.Oidc;

/// <summary>
/// A sign-in at the provider counts as one factor, unless the settings or the provider's token say that it was two.
/// </summary>
public sealed class OidcSecondFactorTests(OidcStrictHost host) : IClassFixture<OidcStrictHost>
{
    [Fact]
    public async Task SignIn_WithAuthenticator_RequiresItsCode()
    {
        var member = await host.AddStaffAsync("Carmen Código", StaffRoles.Support);
        var (secret, _) = await host.EnableAsync(member, StaffRoles.Support);
        host.Provider.Be("carmen", member.Email);
        using var visitor = new OidcVisitor(host.Address);

        var step = await visitor.SignInAsync();
        Assert.Equal((HttpStatusCode.OK, PortalUrls.SignInCode, false),
            (step.Status, step.Address.AbsolutePath, visitor.IsSignedIn));
        var inside = await visitor.PostAsync(step, "sign-in-code", ("Input.Code", SecondFactorPages.Digits(secret)));

        Assert.Equal(PortalUrls.Panel, inside.Address.AbsolutePath);
        Assert.Equal(["oidc+totp"], await host.MethodsAsync(member.Id));
    }

    [Fact]
    public async Task SignIn_WithoutASecondFactor_HasToSetOneUp()
    {
        var member = await host.AddStaffAsync("Nora Nada", StaffRoles.Support);
        host.Provider.Be("nora", member.Email);
        using var visitor = new OidcVisitor(host.Address);

        var arrival = await visitor.SignInAsync();

        Assert.Equal((PortalUrls.SignInSecondFactor, false), (arrival.Address.AbsolutePath, visitor.IsSignedIn));
        Assert.Empty(await host.MethodsAsync(member.Id));
    }

    [Fact]
    public async Task SignIn_ProviderReportsTwoFactors_IsEnough()
    {
        var member = await host.AddStaffAsync("Dora Doble", StaffRoles.Support);
        host.Provider.Be("dora", member.Email);
        host.Provider.Amr = ["pwd", "mfa"];
        using var visitor = new OidcVisitor(host.Address);

        var arrival = await visitor.SignInAsync(PortalUrls.Tenants);

        Assert.Equal((HttpStatusCode.OK, PortalUrls.Tenants), (arrival.Status, arrival.Address.AbsolutePath));
        Assert.Equal(["oidc+mfa"], await host.MethodsAsync(member.Id));
    }
}

/// <summary>The settings say that the provider asks everybody for two factors.</summary>
public sealed class OidcTrustedTests(OidcTrustingHost host) : IClassFixture<OidcTrustingHost>
{
    [Fact]
    public async Task SignIn_ProviderCountsAsTwoFactors_NeedsNoCode()
    {
        var (plain, coded) =
            (await host.AddStaffAsync("Paula Plana", StaffRoles.Support),
            await host.AddStaffAsync("Cora Códigos", StaffRoles.Support));
        await host.EnableAsync(coded, StaffRoles.Support);
        foreach (var member in new[] { plain, coded })
        {
            host.Provider.Be($"sub-{member.Id:n}", member.Email);
            using var visitor = new OidcVisitor(host.Address);
            var arrival = await visitor.SignInAsync(PortalUrls.Tenants);
            Assert.Equal((HttpStatusCode.OK, PortalUrls.Tenants), (arrival.Status, arrival.Address.AbsolutePath));
            Assert.Equal(["oidc"], await host.MethodsAsync(member.Id));
        }
    }
}
