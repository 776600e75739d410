using System.Net;
using System.Net.Sockets;

namespace Vigia.Core.Staff.ServiceAccounts;

/// <summary>
/// The networks from which a program may call, as CIDR: <c>10.20.0.0/16</c>, <c>2001:db8::/48</c>. A single address is
/// a network of one. An IPv4 address that a socket of both families shows as <c>::ffff:10.0.0.1</c> is that address.
/// </summary>
public static class SourceNetworks
{
    /// <summary>The network in its one form; null when the text is none.</summary>
    public static string? Read(string? text)
    {
        text = text?.Trim() ?? "";
        if (!text.Contains('/', StringComparison.Ordinal))
        {
            return IPAddress.TryParse(text, out var single) && single.ScopeIdOf() == 0
                ? new IPNetwork(single.Plain(), single.Plain().AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
                    .ToString()
                : null;
        }

        return IPNetwork.TryParse(text, out var network) && !network.BaseAddress.IsIPv4MappedToIPv6
            && network.BaseAddress.ScopeIdOf() == 0 ? network.ToString() : null;
    }

    /// <summary>
    /// Whether a network of <see cref="Read"/> has more addresses than a source of one program ever needs.
    /// </summary>
    public static bool IsTooWide(string network) => IPNetwork.TryParse(network, out var read)
        && read.PrefixLength < (read.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 8 : 32);

    /// <summary>Whether an address is in one of the networks. An unknown address is in none.</summary>
    public static bool Contain(IEnumerable<string> networks, string? address) =>
        IPAddress.TryParse(address, out var given)
        && networks.Any(text => IPNetwork.TryParse(text, out var network) && network.Contains(given.Plain()));

    private static IPAddress Plain(this IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static long ScopeIdOf(this IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}
