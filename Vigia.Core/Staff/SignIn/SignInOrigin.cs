using System.Net;
using System.Net.Sockets;

namespace Vigia.Core.Staff.SignIn;

/// <summary>Where a try to sign in comes from.</summary>
/// <param name="Address">The address of the request. Null when there was no request.</param>
/// <param name="Device">
/// The id of the browser, if the person has signed in to this account on it before. Its tries are counted apart, so
/// that a stranger who types wrong passwords does not keep the person out. Null for another browser and for programs.
/// </param>
public sealed record SignInOrigin(string? Address, Guid? Device)
{
    private const int NetworkBytes = 8;
    private const int SiteBytes = 6;

    /// <summary>
    /// The part of an address that one visitor can't change at will: an IPv4 address, or the /64 network of an IPv6
    /// address (RFC 6177: a site gets at least that much).
    /// </summary>
    public static string SourceOf(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }

    internal string Source => SourceOf(Address);

    /// <summary>
    /// The /48 network of an IPv6 address, which a site may have as a whole (RFC 6177). Null for other addresses.
    /// </summary>
    internal string? Site
    {
        get
        {
            if (!IPAddress.TryParse(Address, out var parsed) || parsed.IsIPv4MappedToIPv6
                || parsed.AddressFamily != AddressFamily.InterNetworkV6)
            {
                return null;
            }

            var bytes = parsed.GetAddressBytes();
            bytes.AsSpan(SiteBytes).Clear();
            return $"{new IPAddress(bytes)}/48";
        }
    }

    internal static string SourceOf(string? address) =>
        IPAddress.TryParse(address, out var parsed) ? SourceOf(parsed) : address ?? "";
}
