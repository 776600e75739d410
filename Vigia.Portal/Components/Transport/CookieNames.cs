namespace Vigia.Portal.Components.Transport;

/// <summary>
/// A cookie's name on this request: with <c>__Host-</c> before it wherever the request is encrypted, so that no other host and no plain connection can
/// have set it (RFC 6265bis 4.1.3.2); without where it is not, as on loopback, for browsers refuse that prefix there. Chosen by request and not
/// by a setting: one portal may be reached both ways, and a cookie of one way must be worth nothing on the other.
/// </summary>
internal static class CookieNames
{
    private const string Prefix = "__Host-";

    public static string On(HttpRequest? request, string name) => request?.IsHttps == true ? Prefix + name : name;
}
