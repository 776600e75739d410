using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using IPNetwork = System.Net.IPNetwork;

namespace Vigia.Portal.Startup;

/// <summary>
/// <c>Proxies:Known</c>: the addresses or networks whose X-Forwarded-For and -Proto are trusted. All others are
/// ignored, because a visitor must not choose the address in the audit trail or decide whether a connection counts as
/// encrypted.
/// <c>Proxies:ForwardedHost</c>: whether their X-Forwarded-Host is trusted too. Many proxies pass on what a visitor
/// sent in it, so it is not unless somebody says so.
/// </summary>
internal static class ProxySetup
{
    private const string Setting = "Proxies:Known";
    private const string HostSetting = "Proxies:ForwardedHost";

    /// <summary>Registers both settings as such that protect: they decide whose address the audit trail has.</summary>
    internal static void AddKnownProxies(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        builder.Services.AddSingleton(new SafetySetting(
            Setting, () => string.Join(", ", Networks(configuration)),
            () => Networks(configuration).Any(IsEverybody) ? "everybody's X-Forwarded headers are believed" : null));
        builder.Services.AddSingleton(new SafetySetting(
            HostSetting, () => $"{IsOn(configuration[HostSetting]) == true}", () => null));
    }

    internal static void UseKnownProxies(this WebApplication app)
    {
        var known = Networks(app.Configuration).Select(Parse).OfType<IPNetwork>().ToList();
        if (known.Count == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto
                | (IsOn(app.Configuration[HostSetting]) == true
                    ? ForwardedHeaders.XForwardedHost : ForwardedHeaders.None),

            // All hops are examined, starting with the nearest. The first unknown one is the visitor.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        known.ForEach(options.KnownIPNetworks.Add);
        app.UseForwardedHeaders(options);
    }

    internal static void Check(IConfiguration configuration, List<SettingProblem> problems)
    {
        foreach (var text in Networks(configuration).Where(text => Parse(text) is null))
        {
            problems.Add(new SettingProblem(
                Setting, $"\"{text}\" is neither an address nor a network", "10.0.0.0/8, 192.168.1.7"));
        }

        if (IsOn(configuration[HostSetting]) is null)
        {
            problems.Add(new SettingProblem(
                HostSetting, $"\"{configuration[HostSetting]}\" is neither true nor false", "true"));
        }

        // The framework's own switch trusts every sender.
        if (bool.TryParse(configuration["FORWARDEDHEADERS_ENABLED"], out var everybody) && everybody)
        {
            problems.Add(new SettingProblem(
                "ASPNETCORE_FORWARDEDHEADERS_ENABLED",
                "it would believe anybody's X-Forwarded headers; name the proxies instead", $"{Setting}=10.0.0.0/8"));
        }
    }

    // Null for a text that says neither.
    private static bool? IsOn(string? text) =>
        string.IsNullOrEmpty(text) ? false : bool.TryParse(text, out var isOn) ? isOn : null;

    // A list in appsettings.json, or one variable with commas.
    private static IEnumerable<string> Networks(IConfiguration configuration) =>
        configuration.GetSection(Setting).GetChildren().Select(entry => entry.Value).Append(configuration[Setting])
            .SelectMany(text =>
                (text ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static bool IsEverybody(string network) => Parse(network) is { PrefixLength: 0 };

    // A single address is a network of size one. On a dual-stack socket, an IPv4 client appears as ::ffff:10.0.0.1. The
    // middleware compares it as IPv4.
    private static IPNetwork? Parse(string text)
    {
        if (IPNetwork.TryParse(text, out var network))
        {
            return network;
        }

        return IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : null;
    }
}
