using Microsoft.AspNetCore.Authentication.Cookies;

namespace Vigia.Portal.Components.Transport;

/// <summary>Stores the sign-in cookies under the names that <see cref="CookieNames"/> gives them.</summary>
internal sealed class PrefixedCookies : ICookieManager
{
    private readonly ChunkingCookieManager _cookies = new();

    public string? GetRequestCookie(HttpContext context, string key) =>
        _cookies.GetRequestCookie(context, CookieNames.On(context.Request, key));

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
        _cookies.AppendResponseCookie(context, CookieNames.On(context.Request, key), value, Sealed(context, options));

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) =>
        _cookies.DeleteCookie(context, CookieNames.On(context.Request, key), Sealed(context, options));

    // The prefix requires this host only, the path / and Secure.
    private static CookieOptions Sealed(HttpContext context, CookieOptions options)
    {
        if (context.Request.IsHttps)
        {
            (options.Secure, options.Path, options.Domain) = (true, "/", null);
        }

        return options;
    }
}
