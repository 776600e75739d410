using System.Net;
using System.Text.RegularExpressions;
using Vigia.Portal;

namespace Vigia.Tests.Components.SignIn.Oidc;

/// <summary>The last page that a visitor reached.</summary>
/// <param name="Address">The last address.</param>
/// <param name="Status">The status of its answer.</param>
/// <param name="Text">The content of the page.</param>
public sealed record Arrival(Uri Address, HttpStatusCode Status, string Text);

/// <summary>
/// A simple browser: it keeps cookies and follows redirects one by one, so that a test can intervene in between.
/// </summary>
public sealed partial class OidcVisitor : IDisposable
{
    private readonly HttpClientHandler _handler = new()
    {
        AllowAutoRedirect = false, UseCookies = true,
        ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
    };

    private readonly HttpClient _client;

    public OidcVisitor(Uri portal) => _client = new HttpClient(_handler) { BaseAddress = portal };

    /// <summary>Every Set-Cookie that the portal sent.</summary>
    public List<string> Cookies { get; } = [];

    /// <summary>The last address with which the provider sent the visitor back.</summary>
    public Uri? Callback { get; private set; }

    /// <summary>
    /// Receives the address of the next redirect and returns the address to open instead; null stops there.
    /// </summary>
    public Func<Uri, Uri?> Instead { get; set; } = address => address;

    /// <summary>Where the first request comes from, as browsers say it in Sec-Fetch-Site.</summary>
    public string From { get; set; } = "same-origin";

    public bool IsSignedIn =>
        _handler.CookieContainer.GetAllCookies()
        .Any(cookie => cookie is { Name: "vigia.staff" or "__Host-vigia.staff", Expired: false });

    /// <summary>Presses "Entrar con …".</summary>
    public Task<Arrival> SignInAsync(string? returnUrl = null) =>
        GoAsync(PortalUrls.OidcSignIn + (returnUrl is null ? null : $"?returnUrl={Uri.EscapeDataString(returnUrl)}"));

    /// <summary>Presses "Confirmar con …".</summary>
    public Task<Arrival> ConfirmAsync(string action, string target) =>
        GoAsync($"{PortalUrls.OidcConfirmWhat(action, target)}&canal=0123abc");

    public Task<Arrival> GoAsync(string path) => GoAsync(new Uri(_client.BaseAddress!, path));

    public async Task<Arrival> GoAsync(Uri address)
    {
        var from = From;
        for (var hops = 0; hops < 12; hops++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Accept.ParseAdd("text/html");
            request.Headers.Add("Sec-Fetch-Site", from);
            using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
            if (answer.Headers.TryGetValues("Set-Cookie", out var cookies))
            {
                Cookies.AddRange(cookies);
            }

            if (answer.Headers.Location is not { } location || (int)answer.StatusCode is < 300 or >= 400)
            {
                return new Arrival(address, answer.StatusCode,
                    await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            }

            var next = new Uri(address, location);
            Callback = next.AbsolutePath == PortalUrls.OidcCallback ? next : Callback;
            if (Instead(next) is not { } on)
            {
                return new Arrival(next, answer.StatusCode, "");
            }

            // A chain of redirects that has left the portal comes back as another site's.
            from = on.Authority == _client.BaseAddress!.Authority ? from : "cross-site";
            address = on;
        }

        throw new InvalidOperationException($"Round and round, at last {address}");
    }

    /// <summary>Submits the form of a page.</summary>
    public async Task<Arrival> PostAsync(Arrival page, string handler, params (string Name, string Value)[] fields)
    {
        using var content =
            new FormUrlEncodedContent(
            [new("_handler", handler), new("__RequestVerificationToken", Token().Match(page.Text).Groups[1].Value),
            .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]);
        using var answer = await _client.PostAsync(page.Address, content, TestContext.Current.CancellationToken);
        return answer.Headers.Location is { } location ? await GoAsync(new Uri(page.Address, location))
            : new Arrival(page.Address, answer.StatusCode,
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Signs in on the sign-in page with a password.</summary>
    public Task<Arrival> PostPasswordAsync(Arrival page, string email, string password) =>
        PostAsync(page, "sign-in", ("Input.Email", email), ("Input.Password", password));

    /// <summary>Removes a cookie.</summary>
    public void Forget(string name)
    {
        foreach (var cookie in _handler.CookieContainer.GetAllCookies().Where(cookie => cookie.Name == name))
        {
            cookie.Expired = true;
        }
    }

    /// <summary>Returns the page without the parts that differ between requests.</summary>
    public static string Unsealed(Arrival arrival) => Sealed().Replace(arrival.Text, "");

    /// <summary>The confirmation that the window would hand over; null if there is none.</summary>
    public static string? ConfirmationOn(Arrival arrival) =>
        Confirmation().Match(arrival.Text) is { Success: true } found ? found.Groups[1].Value : null;

    public void Dispose() => _client.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("CfDJ8[A-Za-z0-9_+/=-]+")]
    private static partial Regex Sealed();

    [GeneratedRegex("data-confirmation=\"([^\"]+)\"")]
    private static partial Regex Confirmation();
}
