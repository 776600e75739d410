using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Startup;

/// <summary>
/// The address that the portal listens on: ASPNETCORE_URLS, ASPNETCORE_HTTP_PORTS, or the portal's default.
/// </summary>
internal static class PortalAddress
{
    internal const string Default = "http://127.0.0.1:5080";

    internal static void UsePortalAddress(this WebApplicationBuilder builder)
    {
        if (!IsConfigured(builder.Configuration)) builder.WebHost.UseUrls(Default);
    }

    internal static void Check(IConfiguration configuration, List<SettingProblem> problems)
    {
        foreach (var address in Addresses(configuration))
        {
            if (TryParse(address) is null) problems.Add(
                new SettingProblem("ASPNETCORE_URLS", $"\"{address}\" is not an address to listen on", Default));
        }
    }

    /// <summary>The first address, as a client on this machine reaches it.</summary>
    internal static Uri Local(IConfiguration configuration)
    {
        var address = TryParse(Addresses(configuration).First()) ?? TryParse(Default)!;
        var host = address.Host is "+" or "*" or "0.0.0.0" or "[::]" or "localhost" ? "127.0.0.1" : address.Host;
        return new Uri($"{address.Scheme}://{host}:{address.Port}");
    }

    private static bool IsConfigured(ConfigurationManager configuration) =>
        configuration["urls"] is { Length: > 0 } || configuration["http_ports"] is { Length: > 0 }
            || configuration["https_ports"] is { Length: > 0 }
        || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();

    private static IEnumerable<string> Addresses(IConfiguration configuration)
    {
        if (configuration["urls"] is { Length: > 0 } urls) return Split(urls);
        if (configuration["http_ports"] is { Length: > 0 } ports) return Split(ports)
            .Select(port => $"http://*:{port}");
        return [Default];
    }

    private static string[] Split(string text) =>
        text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static BindingAddress? TryParse(string address)
    {
        try
        {
            var parsed = BindingAddress.Parse(address);
            return parsed.Scheme is "http" or "https" && parsed.PathBase.Length == 0
                && parsed.Port is >= 0 and <= 65535 ? parsed : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
