using System.Net;
using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Transport;

/// <summary>Says before anybody types a password that the connection is not encrypted, unless it stays on this machine.</summary>
public sealed partial class TransportNotice
{
    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    // By the host's name, which is where the browser believes to be: behind a proxy or a container's port, addresses say something else.
    private bool IsReadableOnTheWay => !HttpContext.Request.IsHttps && !IsLoopback(HttpContext.Request.Host.Host);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
