using Npgsql;

namespace Vigia.Core.Foundation.Configuration;

/// <summary>
/// The query options of a PostgreSQL URL that the portal supports, under their libpq names (PostgreSQL manual, 34.1.2).
/// </summary>
internal static class PostgresUrlOptions
{
    private static readonly Dictionary<string, Action<NpgsqlConnectionStringBuilder, string>> Known =
        new(StringComparer.Ordinal)
        {
            ["sslmode"] = (b, v) => b.SslMode = Choose<SslMode>(v),
            ["sslrootcert"] = (b, v) => b.RootCertificate = v,
            ["sslcert"] = (b, v) => b.SslCertificate = v,
            ["sslkey"] = (b, v) => b.SslKey = v,
            ["channel_binding"] = (b, v) => b.ChannelBinding = Choose<ChannelBinding>(v),
            ["gssencmode"] = (b, v) => b.GssEncryptionMode = Choose<GssEncryptionMode>(v),
            ["connect_timeout"] = (b, v) => b.Timeout = Seconds(v),
            ["application_name"] = (b, v) => b.ApplicationName = v,
            ["options"] = (b, v) => b.Options = v,
            ["target_session_attrs"] = (b, v) => b.TargetSessionAttributes = v,
            ["keepalives"] = (b, v) => b.TcpKeepAlive = v is "1",
            ["keepalives_idle"] = (b, v) => b.TcpKeepAliveTime = Seconds(v),
            ["keepalives_interval"] = (b, v) => b.TcpKeepAliveInterval = Seconds(v),
            // Npgsql always uses UTF-8. URLs of the product may name it explicitly.
            ["client_encoding"] = (_, v) => OnlyUtf8(v),
        };

    internal static void Apply(NpgsqlConnectionStringBuilder builder, string name, string value) =>
        Known[name](builder, value);

    /// <summary>
    /// Says what is wrong with an option, or returns null. Values are never repeated, because a password may stand
    /// under a wrong name.
    /// </summary>
    internal static string? Problem(string name, string value)
    {
        if (!Known.TryGetValue(name, out var apply))
            return $"the option \"{name}\" is not supported; supported are {string.Join(", ", Known.Keys)}";
        try
        {
            apply(new NpgsqlConnectionStringBuilder(), value);
            return null;
        }
        catch (Exception e) when (
            e is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            return $"the value of the option \"{name}\" is not valid";
        }
    }

    private static void OnlyUtf8(string value)
    {
        if (!value.Replace("-", "", StringComparison.Ordinal).Equals("utf8", StringComparison.OrdinalIgnoreCase))
            throw new FormatException();
    }

    private static T Choose<T>(string value)
        where T : struct, Enum
    {
        var name = value.Replace("-", "", StringComparison.Ordinal);
        return Enum.TryParse<T>(name, ignoreCase: true, out var chosen)
            && !name.Any(char.IsAsciiDigit) ? chosen : throw new FormatException();
    }

    private static int Seconds(string value) =>
        int.TryParse(value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture,
            out var seconds)
            ? seconds
            : throw new FormatException();
}
