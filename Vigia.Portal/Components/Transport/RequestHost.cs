namespace Vigia.Portal.Components.Transport;

/// <summary>The host that a request names.</summary>
internal static class RequestHost
{
    private static readonly string[] Headers = ["Host", "X-Forwarded-Host"];

    /// <summary>
    /// Whether it is this one, which is in the form of DNS: ASCII, without a port and without a dot at its end.
    /// </summary>
    public static bool Is(HttpContext context, string host) => string.Equals(
        new HostString(context.Request.Host.Host).ToUriComponent().TrimEnd('.'), host,
        StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Whether the framework can use the hosts that the request names. It fails at every use of a host that begins with
    /// <c>xn--</c> and can't be decoded.
    /// </summary>
    public static bool IsReadable(HttpContext context) =>
        Headers.All(header => context.Request.Headers[header].All(IsReadable));

    private static bool IsReadable(string? host)
    {
        // Nearly all hosts are plain, and this is a part of each request.
        if (host is null || !host.Contains("xn--", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        try
        {
            // Several proxies make a list.
            return host.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .All(one => HostString.FromUriComponent(one).ToUriComponent().Length > 0);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
