using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.SignIn;

/// <summary>Changes the theme on pages without a circuit.</summary>
public sealed partial class PlainThemeSwitch(IHttpContextAccessor http)
{
    private HttpRequest Request => http.HttpContext!.Request;

    private bool Dark => Preferences.IsDark(Request);

    private string Here => Request.Path + Request.QueryString;
}
