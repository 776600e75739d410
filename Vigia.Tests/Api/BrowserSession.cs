using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Vigia.Portal;
using Vigia.Tests.Browser;

namespace Vigia.Tests.Api;

/// <summary>
/// The requests that a browser sends to the pages without a circuit: forms, cookies, and a script's JSON.
/// </summary>
internal sealed partial class BrowserSession : IDisposable
{
    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _http;

    public BrowserSession(PortalHost host, string? userAgent = null)
    {
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, CookieContainer = _cookies,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        })
        {
            BaseAddress = host.Address,
        };
        if (userAgent is not null)
        {
            _http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", userAgent);
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>All cookies, in the form of a request header.</summary>
    public string Cookies => _cookies.GetCookieHeader(_http.BaseAddress!);

    public void Dispose() => _http.Dispose();

    public Task<HttpResponseMessage> GetAsync(string address) => _http.GetAsync(address, Cancellation);

    /// <summary>Requests an address with one more header.</summary>
    public async Task<HttpResponseMessage> GetAsync(string address, (string Name, string Value) header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        return await _http.SendAsync(request, Cancellation);
    }

    /// <summary>Submits the sign-in page.</summary>
    /// <returns>The session's cookie; empty when the page refused.</returns>
    public async Task<string> SignInAsync(string email, string password)
    {
        var form = await _http.GetStringAsync(PortalUrls.SignIn, Cancellation);
        using var answer = await _http.PostAsync(
            PortalUrls.SignIn, new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["_handler"] = Handler().Match(form).Groups[1].Value, ["__RequestVerificationToken"] = Stamp(form),
                ["Input.Email"] = email, ["Input.Password"] = password,
            }), Cancellation);
        return _cookies.GetCookies(_http.BaseAddress!)["vigia.staff"]?.Value ?? "";
    }

    /// <summary>
    /// Forgets the session, as a closed browser does. Cookies that the browser keeps for longer stay.
    /// </summary>
    public void Close() => _cookies.GetCookies(_http.BaseAddress!)["vigia.staff"]!.Expired = true;

    public async Task<string> PostJsonAsync(string address, string json)
    {
        using var request =
            new HttpRequestMessage(
            HttpMethod.Post, address)
            { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add(
            "RequestVerificationToken", Stamp(await _http.GetStringAsync(PortalUrls.SignIn, Cancellation)));
        using var answer = await _http.SendAsync(request, Cancellation);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    private static string Stamp(string form) => Token().Match(form).Groups[1].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("name=\"_handler\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex Handler();
}
