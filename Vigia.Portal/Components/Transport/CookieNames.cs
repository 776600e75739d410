namespace Vigia.Portal.Components.Transport;

/// <summary>
/// The name of a cookie on this request. On an encrypted request it starts with <c>__Host-</c>, so that no other host
/// and no plain connection can have set it (RFC 6265bis 4.1.3.2). On an unencrypted one, as on loopback, it has no
/// prefix, because browsers refuse the prefix there. The request decides and not a setting: one portal may be reached
/// both ways, and a cookie of one way must be invalid on the other.
/// </summary>
internal static class CookieNames
{
    private const string Prefix = "__Host-";

    public static string On(HttpRequest? request, string name) => request?.IsHttps == true ? Prefix + name : name;
}
