using System.Text.RegularExpressions;
using Vigia.Portal;

namespace Vigia.Tests.Browser;

/// <summary>The sign-in form, requested and posted without a browser.</summary>
internal static partial class PostedSignIn
{
    /// <summary>Returns an HTTP client that keeps cookies and follows no redirects.</summary>
    public static HttpClient Visitor(PortalHost host) =>
        new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = host.Address };

    public static async Task<HttpResponseMessage> PostAsync(
        HttpClient visitor, string email, string password, string? returnUrl, CancellationToken cancellationToken)
    {
        var address = returnUrl is null ? PortalUrls.SignIn : PortalUrls.SignInAndReturn(returnUrl);
        var form = await visitor.GetStringAsync(address, cancellationToken);
        return await visitor.PostAsync(address, new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in",
            ["__RequestVerificationToken"] = AntiforgeryToken().Match(form).Groups[1].Value,
            ["Input.Email"] = email,
            ["Input.Password"] = password,
        }), cancellationToken);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();
}
