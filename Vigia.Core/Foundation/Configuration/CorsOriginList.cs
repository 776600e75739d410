using System.Text.Json;

namespace Vigia.Core.Foundation.Configuration;

/// <summary>Reads the value of CORS_ORIGINS as the product does: text with commas, or a JSON array.</summary>
internal static class CorsOriginList
{
    /// <summary>Stands for all sites.</summary>
    public const string Any = "*";

    /// <summary>The origins, each without a slash at its end.</summary>
    public static List<string> Read(string text)
    {
        if (text.StartsWith('['))
        {
            try
            {
                return [.. (JsonSerializer.Deserialize<List<string?>>(text) ?? []).Select(o => Trimmed(o ?? ""))];
            }
            catch (JsonException)
            {
                return [text];
            }
        }

        return [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(Trimmed)];
    }

    /// <summary>Whether a text is an origin (RFC 6454) of the web, or stands for all.</summary>
    public static bool IsOrigin(string text) => text == Any
        || (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            && url.PathAndQuery == "/" && url.Fragment.Length == 0 && url.UserInfo.Length == 0
            && url.Host.Length > 0);

    private static string Trimmed(string origin) => origin.Trim().TrimEnd('/');
}
