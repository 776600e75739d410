using System.Diagnostics.CodeAnalysis;

namespace Vigia.Portal.Components.Transport;

/// <summary>
/// A cookie that the framework names once for all requests. Its actual name depends on the request, as for all other
/// cookies.
/// </summary>
internal sealed class RequestCookie : CookieBuilder
{
    private readonly IHttpContextAccessor _http;
    private readonly string _name;

    public RequestCookie(IHttpContextAccessor http, string name, SameSiteMode sameSite)
    {
        (_http, _name) = (http, name);
        HttpOnly = true;
        IsEssential = true;
        Path = "/";
        SameSite = sameSite;
        SecurePolicy = CookieSecurePolicy.SameAsRequest;
    }

    [AllowNull]
    public override string Name
    {
        get => CookieNames.On(_http.HttpContext?.Request, _name); set =>
        throw new NotSupportedException();
    }
}
