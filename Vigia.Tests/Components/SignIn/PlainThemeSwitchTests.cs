using Bunit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Portal;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.SignIn;
using Vigia.Portal.Components.Transport;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.SignIn;

public sealed class PlainThemeSwitchTests : ComponentTest
{
    [Theory]
    [InlineData(null, "dark", "Tema oscuro")]
    [InlineData("light", "dark", "Tema oscuro")]
    [InlineData("dark", "light", "Tema claro")]
    public void ThemeSwitch_PresentTheme_OffersTheOtherAndReturnsHere(string? present, string offered, string name)
    {
        var http = new DefaultHttpContext();
        (http.Request.Path, http.Request.QueryString) = ("/cuenta/entrar", new QueryString("?returnUrl=%2F"));
        if (present is not null)
        {
            http.Request.Headers.Cookie = $"{CookieNames.On(http.Request, Preferences.ThemeCookie)}={present}";
        }

        Services.AddSingleton<IHttpContextAccessor>(new HttpContextAccessor { HttpContext = http });
        var form = Render<PlainThemeSwitch>();

        Assert.Equal(("post", PortalUrls.Theme), (
            form.Find("form").GetAttribute("method"), form.Find("form").GetAttribute("action")));
        Assert.Equal(offered, form.Find("input[name=value]").GetAttribute("value"));
        Assert.Equal("/cuenta/entrar?returnUrl=%2F", form.Find("input[name=returnUrl]").GetAttribute("value"));
        Assert.Equal(name, form.Find("button").GetAttribute("aria-label"));
    }
}
