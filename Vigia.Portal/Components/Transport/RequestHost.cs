using Vigia.Portal.Api;

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
    /// Refuses requests whose host is no name: the framework fails at every use of a host that begins with
    /// <c>xn--</c> and can't be decoded. Comes before everything that uses the host.
    /// </summary>
    public static void UseReadableHosts(this WebApplication app) => app.Use((context, next) =>
        Headers.All(header => context.Request.Headers[header].All(IsReadable)) ? next(context) : RefuseAsync(context));

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

    private static Task RefuseAsync(HttpContext context)
    {
        if (ApiUrls.IsApi(context))
        {
            return Problem.OfStatus(StatusCodes.Status400BadRequest).WriteAsync(context, context.RequestAborted);
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    }
}
