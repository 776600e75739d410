using Vigia.Portal.Components.Layout;

namespace Vigia.Portal.Components.Account;

/// <summary>The frame of the pages before and beside the portal: static, plain controls, no circuit.</summary>
public sealed partial class AccountLayout
{
    private HttpRequest Request => Http.HttpContext!.Request;

    private bool Dark => Preferences.IsDark(Request);

    private string Here => Request.Path + Request.QueryString;
}
