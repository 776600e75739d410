using System.Security.Claims;
using Bunit;
using Vigia.Core.Foundation.Access;
using Vigia.Portal;
using Vigia.Portal.Components.Layout;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Layout;

public sealed class PersonMenuTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Administrador", "Cerrar sesión")]
    [InlineData("en", "Administrator", "Sign out")]
    public void PersonMenu_ShowsThePersonAndSignsOutWithoutTheCircuit(string language, string role, string leave)
    {
        Speak(language);
        var person = AddAuthorization().SetAuthorized("ana@vigia.example");
        person.SetClaims(
            new Claim("display_name", "Ana María Quispe"), new Claim(ClaimTypes.Email, "ana@vigia.example"),
            new Claim(ClaimTypes.Role, StaffRoles.Administrator));

        var menu = Render<PersonMenu>();

        Assert.Equal("AM", menu.Find(".person-button").GetAttribute("data-text"));
        Assert.Equal("person-menu", menu.Find(".person-button").GetAttribute("popovertarget"));
        Assert.Equal($"Ana María Quispe ana@vigia.example {role}", string.Join(
            ' ', menu.Find(".person-card").Children.Select(TextOf)));
        Assert.Equal([PortalUrls.MyAccount, PortalUrls.MySessions],
            menu.FindAll("a.menu-item").Select(link => link.GetAttribute("href")));
        var signOut = menu.Find("button[form=sign-out]");
        Assert.Equal("submit", signOut.GetAttribute("type"));
        Assert.Equal(leave, TextOf(signOut));
    }

    [Fact]
    public void PersonMenu_SignedOut_IsAbsent()
    {
        AddAuthorization().SetNotAuthorized();

        Assert.Equal("", Render<PersonMenu>().Markup.Trim());
    }
}
