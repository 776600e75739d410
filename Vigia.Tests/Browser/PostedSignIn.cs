using System.Text.RegularExpressions;
using Vigia.Portal;

namespace Vigia.Tests.Browser;

/// <summary>The sign-in form, requested and posted without a browser.</summary>
internal static partial class PostedSignIn
{
    /// <summary>Returns an HTTP client that keeps cookies and follows no redirects.</summary>
    public static HttpClient Visitor(PortalHost host) => Visitor(host.Address);

    public static HttpClient Visitor(Uri portal) =>
        new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = portal };

    public static async Task<HttpResponseMessage> PostAsync(
        HttpClient visitor, string email, string password, string? returnUrl, CancellationToken cancellationToken)
    {
        using var form = await FormAsync(visitor, email, password, returnUrl, cancellationToken);
        return await visitor.PostAsync(AddressOf(returnUrl), form, cancellationToken);
    }

    /// <summary>Requests the form and fills it in.</summary>
    public static async Task<FormUrlEncodedContent> FormAsync(
        HttpClient visitor, string email, string password, string? returnUrl, CancellationToken cancellationToken) =>
        new(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in",
            ["__RequestVerificationToken"] = AntiforgeryToken()
                .Match(await visitor.GetStringAsync(AddressOf(returnUrl), cancellationToken)).Groups[1].Value,
            ["Input.Email"] = email,
            ["Input.Password"] = password,
        });

    private static string AddressOf(string? returnUrl) =>
        returnUrl is null ? PortalUrls.SignIn : PortalUrls.SignInAndReturn(returnUrl);

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();
}
