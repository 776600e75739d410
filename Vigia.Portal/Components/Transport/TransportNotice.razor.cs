using System.Net;
using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Transport;

/// <summary>Warns on the sign-in pages that the connection is not encrypted, unless it stays on this machine.</summary>
public sealed partial class TransportNotice
{
    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    // Uses the host name that the browser shows. Behind a proxy or a container's port, the IP addresses do not tell
    // whether the connection is local.
    private bool IsReadableOnTheWay => !HttpContext.Request.IsHttps && !IsLoopback(HttpContext.Request.Host.Host);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
