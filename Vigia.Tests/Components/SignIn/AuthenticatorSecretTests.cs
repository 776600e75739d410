using Bunit;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.SignIn;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.SignIn;

public sealed class AuthenticatorSecretTests : ComponentTest
{
    [Fact]
    public void AuthenticatorSecret_OneSecret_IsShownAsPictureAsTextAndForThisTelephone()
    {
        var secret = Totp.NewSecret();
        var shown = Render<AuthenticatorSecret>(
            p => p.Add(a => a.Account, "ana@vigia.test").Add(a => a.Secret, secret));

        Assert.NotEmpty(shown.FindAll("[role=img] svg"));
        Assert.Equal(Totp.Text(secret), shown.Find("[data-secret]").TextContent);
        Assert.Equal(
            Totp.Address("Vigia Portal", "ana@vigia.test", secret),
            shown.Find("[data-open]").GetAttribute("data-open"));
        Assert.Empty(shown.FindAll("a"));
    }

    [Fact]
    public void AuthenticatorSecret_AnotherSecret_HasAnotherPicture()
    {
        var shown = Render<AuthenticatorSecret>(
            p => p.Add(a => a.Account, "ana@vigia.test").Add(a => a.Secret, Totp.NewSecret()));
        var before = shown.Find("[role=img]").InnerHtml;

        shown.Render(p => p.Add(a => a.Secret, Totp.NewSecret()));

        Assert.NotEqual(before, shown.Find("[role=img]").InnerHtml);
    }
}
