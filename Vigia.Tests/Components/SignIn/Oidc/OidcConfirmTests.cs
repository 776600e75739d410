using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Components.SignIn.Oidc;

/// <summary>
/// Re-authentication through the identity provider: recent, by the same person, for one action on one target, once.
/// </summary>
public sealed class OidcConfirmTests(OidcHost host) : IClassFixture<OidcHost>
{
    private static readonly SignedAction What = new(SignedAction.TenantDelete, "7");

    [Fact]
    public async Task Confirm_Reauthenticated_GivesASingleUseConfirmation()
    {
        var member = await host.LinkedAsync("Consuelo Firma", StaffRoles.Administrator);
        using var visitor = await InsideAsync();

        var (first, second) =
            (await visitor.ConfirmAsync(What.Action, What.Target),
            await visitor.ConfirmAsync(What.Action, What.Target));

        Assert.Equal(("login", "0"), (host.Provider.Asked["prompt"], host.Provider.Asked["max_age"]));
        Assert.Equal((HttpStatusCode.OK, PortalUrls.OidcConfirmed), (first.Status, first.Address.AbsolutePath));
        Assert.Contains("data-oidc-answer=\"0123abc\"", first.Text, StringComparison.Ordinal);
        var (confirmation, other) = (OidcVisitor.ConfirmationOn(first)!, OidcVisitor.ConfirmationOn(second)!);
        Assert.Equal("oidc", await DemandAsync(member, What, confirmation));
        await StaleAsync(member, What, confirmation);
        await StaleAsync(member, What with { Target = "8" }, other);
    }

    [Theory]
    [InlineData(90)]
    [InlineData(86_400)]
    [InlineData(-90)]
    [InlineData(null)]
    public async Task Confirm_ProviderDidNotReauthenticate_IsRefused(int? secondsAgo)
    {
        await host.LinkedAsync("Vieja Entrada", StaffRoles.Administrator);
        using var visitor = await InsideAsync();
        host.Provider.AuthenticatedAgo = secondsAgo is { } ago ? TimeSpan.FromSeconds(ago) : null;

        await RefusedAsync(visitor, "no le pidió identificarse de nuevo");
    }

    [Fact]
    public async Task Confirm_AccountOfAnotherPerson_IsRefused()
    {
        var colleague = await host.LinkedAsync("Colega Persona", StaffRoles.Administrator);
        var member = await host.LinkedAsync("Propia Persona", StaffRoles.Administrator);
        using var visitor = await InsideAsync();

        host.Provider.Be($"sub-{colleague.Id:n}", colleague.Email);
        await RefusedAsync(visitor, "no es la que está vinculada");
        host.Provider.Be("unheard-of", member.Email);
        await RefusedAsync(visitor, "no es la que está vinculada");
    }

    [Fact]
    public async Task Confirm_WithTheAnswerOfASignIn_IsRefused()
    {
        await host.LinkedAsync("Doble Uso", StaffRoles.Administrator);
        using var visitor =
            new OidcVisitor(host.Address)
            {
                Instead = address =>
            address.AbsolutePath == PortalUrls.OidcSignedIn ? null : address
            };
        await visitor.SignInAsync();
        var form = await visitor.GoAsync(PortalUrls.SignIn);
        visitor.Instead = address => address;
        await visitor.PostPasswordAsync(form, PortalHost.AdministratorEmail, PortalHost.AdministratorPassword);

        var arrival = await visitor.GoAsync(PortalUrls.OidcConfirmed);

        Assert.Equal((HttpStatusCode.BadRequest, (string?)null), (arrival.Status, OidcVisitor.ConfirmationOn(arrival)));
    }

    [Fact]
    public async Task Confirm_AnotherPersonSignedInMeanwhile_IsRefused()
    {
        var member = await host.LinkedAsync("Ida Persona", StaffRoles.Administrator);
        using var visitor = await InsideAsync();
        visitor.Instead = address => address.AbsolutePath == PortalUrls.OidcConfirmed ? null : address;
        await visitor.ConfirmAsync(What.Action, What.Target);
        visitor.Forget("vigia.staff");
        visitor.Instead = address => address;
        await visitor.PostPasswordAsync(
            await visitor.GoAsync(PortalUrls.SignIn), PortalHost.AdministratorEmail, PortalHost.AdministratorPassword);

        var arrival = await visitor.GoAsync(PortalUrls.OidcConfirmed);

        Assert.Equal((HttpStatusCode.BadRequest, (string?)null), (arrival.Status, OidcVisitor.ConfirmationOn(arrival)));
        Assert.Equal(2, (await host.MethodsAsync(member.Id)).Count);
    }

    [Fact]
    public async Task Confirm_NobodySignedIn_AsksToSignIn()
    {
        using var visitor = new OidcVisitor(host.Address);

        Assert.Equal(PortalUrls.SignIn, (await visitor.ConfirmAsync(What.Action, What.Target)).Address.AbsolutePath);
        Assert.Equal(PortalUrls.SignIn, (await visitor.GoAsync(PortalUrls.OidcConfirmed)).Address.AbsolutePath);
    }

    [Fact]
    public async Task Confirm_WrongAnswer_IsShownInTheWindow()
    {
        await host.LinkedAsync("Mala Firma", StaffRoles.Administrator);
        using var visitor = await InsideAsync();
        host.Provider.Fault = OidcFault.OtherKey;

        var arrival = await visitor.ConfirmAsync(What.Action, What.Target);

        Assert.Equal((HttpStatusCode.BadRequest, PortalUrls.OidcConfirmed),
            (arrival.Status, arrival.Address.AbsolutePath));
        Assert.Contains("data-oidc-answer=\"0123abc\"", arrival.Text, StringComparison.Ordinal);
        Assert.Null(OidcVisitor.ConfirmationOn(arrival));
    }

    private async Task<OidcVisitor> InsideAsync()
    {
        var visitor = new OidcVisitor(host.Address);
        await visitor.SignInAsync();
        return visitor;
    }

    private static async Task RefusedAsync(OidcVisitor visitor, string reason)
    {
        var arrival = await visitor.ConfirmAsync(What.Action, What.Target);
        Assert.Equal((HttpStatusCode.Forbidden, (string?)null), (arrival.Status, OidcVisitor.ConfirmationOn(arrival)));
        Assert.Contains(reason, WebUtility.HtmlDecode(arrival.Text), StringComparison.Ordinal);
    }

    private Task<string> DemandAsync(StaffMember member, SignedAction what, string proof) =>
        host.Services.GetRequiredService<Reauthentication>()
            .DemandAsync(SecondFactorPages.ActorOf(member, StaffRoles.Administrator), what, proof,
            TestContext.Current.CancellationToken);

    private async Task StaleAsync(StaffMember member, SignedAction what, string proof) =>
        Assert.Equal("confirmation_stale",
            (await Assert.ThrowsAsync<RuleException>(() => DemandAsync(member, what, proof))).Reason.Code);
}
