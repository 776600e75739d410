using System.Diagnostics.CodeAnalysis;

namespace Vigia.Portal.Components.Transport;

/// <summary>The antiforgery cookie, whose name goes by the request as all others do.</summary>
internal sealed class AntiforgeryCookie : CookieBuilder
{
    private const string Plain = "vigia.antiforgery";
    private readonly IHttpContextAccessor _http;

    public AntiforgeryCookie(IHttpContextAccessor http)
    {
        _http = http;
        HttpOnly = true;
        IsEssential = true;
        Path = "/";
        SameSite = SameSiteMode.Strict;
        SecurePolicy = CookieSecurePolicy.SameAsRequest;
    }

    [AllowNull]
    public override string Name { get => CookieNames.On(_http.HttpContext?.Request, Plain); set => throw new NotSupportedException(); }
}
