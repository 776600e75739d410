using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// Remembers, in an encrypted cookie of the browser, to which accounts somebody has signed in on it. A known browser
/// has its own wrong tries, so strangers can't keep its person out. The cookie replaces no credential, and counts only
/// while the master knows the browser too (<see cref="KnownBrowsers"/>).
/// </summary>
public sealed class KnownBrowser(
    IHttpContextAccessor http, IDataProtectionProvider protection, ILookupNormalizer names, KnownBrowsers browsers)
{
    private const string Cookie = "vigia.device";

    // Browsers keep no cookie for longer than 400 days.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(400);
    private const int MostAccounts = 10;
    private const int DigestBytes = 16;
    private const int LongestUserAgent = 200;

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("KnownBrowser")
        .ToTimeLimitedDataProtector();

    private HttpContext Context => http.HttpContext!;

    /// <summary>Where a try to sign in to this account comes from.</summary>
    public async Task<SignInOrigin> OriginForAsync(string? email, CancellationToken cancellationToken) => new(
        Context.Connection.RemoteIpAddress?.ToString(),
        email is not null && Read() is var (device, accounts) && accounts.Contains(DigestOf(email))
            && await browsers.IsKnownAsync(Normalized(email), device, cancellationToken) ? device : null);

    /// <summary>
    /// The browser's User-Agent, if nobody has signed in to this account on it. Null for a known browser.
    /// </summary>
    public async Task<string?> NewForAsync(string email, CancellationToken cancellationToken)
    {
        var agent = Context.Request.Headers.UserAgent.ToString();
        return (await OriginForAsync(email, cancellationToken)).Device is not null
            ? null : SafeText.Cut(agent, LongestUserAgent);
    }

    /// <summary>Remembers that a person signed in to this account on this browser.</summary>
    public async Task RememberAsync(StaffMember member, CancellationToken cancellationToken)
    {
        var email = member.Email!;
        var (device, accounts) = Read() ?? (Guid.NewGuid(), []);
        var kept = accounts.Where(a => a != DigestOf(email)).Take(MostAccounts - 1).Prepend(DigestOf(email));
        Context.Response.Cookies.Append(
            CookieNames.On(Context.Request, Cookie),
            _protector.Protect($"{device:N};{string.Join(',', kept)}", Lifetime),
            new CookieOptions
            {
                HttpOnly = true, IsEssential = true, MaxAge = Lifetime, Path = "/", SameSite = SameSiteMode.Lax,
                Secure = Context.Request.IsHttps,
            });
        await browsers.RememberAsync(member.Id, device, cancellationToken);
    }

    private (Guid Device, IReadOnlyList<string> Accounts)? Read()
    {
        if (Context.Request.Cookies[CookieNames.On(Context.Request, Cookie)] is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            var parts = _protector.Unprotect(text).Split(';');
            return (Guid.ParseExact(parts[0], "N"), parts[1].Split(','));
        }
        catch (CryptographicException)
        {
            // Another portal's, changed, or too old: the browser is unknown.
            return null;
        }
    }

    private string DigestOf(string email) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(Normalized(email)))[..DigestBytes]);

    private string Normalized(string email) => names.NormalizeEmail(email.Trim()) ?? "";
}
