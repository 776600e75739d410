using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Vigia.Core.Foundation.Configuration;

/// <summary>Reads and writes the text of a <see cref="PostgresUrl"/>.</summary>
internal static partial class PostgresUrlText
{
    // Reads URLs as SQLAlchemy does: the password ends at the first @ and may contain a raw / or ?. System.Uri would
    // refuse such a password.
    [GeneratedRegex("""
        ^(?<scheme>postgres(?:ql)?)(?:\+[A-Za-z0-9_]+)?://
        (?:(?<user>[^:/?\#@]*)(?::(?<password>[^@]*))?@)?
        (?<host>\[[^\]]*\]|[^:/?\#]*)
        (?::(?<port>[^/?\#]*))?
        (?:/(?<database>[^?\#]*))?
        (?:\?(?<query>[^\#]*))?$
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Url { get; }

    internal static bool TryRead(
        string? text, [NotNullWhen(true)] out PostgresUrl? url, [NotNullWhen(false)] out string? problem)
    {
        url = null;
        text = text?.Trim() ?? "";
        problem = text.Length == 0 ? "it is empty" : text.Contains('\0', StringComparison.Ordinal)
            ? "it has a NUL in it" : null;
        if (problem is not null) return false;

        var match = Url.Match(text);
        if (!match.Success)
        {
            problem = text.StartsWith("postgres", StringComparison.OrdinalIgnoreCase)
                ? "it can't be read as a URL "
                    + "(in user and password, write @ as %40, : as %3A, / as %2F, # as %23, % as %25)"
                : "it is not a PostgreSQL URL (it starts with postgresql:// or postgresql+psycopg2://)";
            return false;
        }

        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        var host = Uri.UnescapeDataString(match.Groups["host"].Value).Trim('[', ']');
        var port = match.Groups["port"].Value;
        foreach (var pair in match.Groups["query"].Value.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Split(pair);
            if (name == "host") host = value;
            else if (name == "port") port = value;
            else if ((problem = PostgresUrlOptions.Problem(name, value)) is not null) return false;
            else options[name] = value;
        }

        var number = 5432;
        problem = host switch
        {
            "" => "the host is missing",
            _ when host.Contains('@', StringComparison.Ordinal) => "an @ inside the password must be written as %40",
            _ when host.Contains(',', StringComparison.Ordinal) => "it names several hosts; the portal needs one",
            _ when host.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) => "the host has a blank in it",
            _ when port.Length > 0
                && (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out number)
                || number is < 1 or > 65535)
                => "the port is not a number from 1 to 65535",
            _ => null,
        };
        if (problem is not null) return false;

        url = new PostgresUrl
        {
            Host = host,
            Port = number,
            Database = Uri.UnescapeDataString(match.Groups["database"].Value),
            Username = Uri.UnescapeDataString(match.Groups["user"].Value),
            Password = Uri.UnescapeDataString(match.Groups["password"].Value),
            Options = options,
        };
        return true;
    }

    internal static string Write(PostgresUrl url, bool hidePassword)
    {
        var text = new StringBuilder("postgresql://");
        if (url.Username.Length > 0 || url.Password.Length > 0)
        {
            text.Append(Uri.EscapeDataString(url.Username));
            if (url.Password.Length > 0)
                text.Append(':').Append(hidePassword ? "***" : Uri.EscapeDataString(url.Password));
            text.Append('@');
        }

        var socket = url.Host.StartsWith('/');
        text.Append(socket ? Uri.EscapeDataString(url.Host) : url.Host.Contains(':', StringComparison.Ordinal)
            ? $"[{url.Host}]" : url.Host);
        text.Append(CultureInfo.InvariantCulture, $":{url.Port}/");
        text.Append(Uri.EscapeDataString(url.Database).Replace("%7B", "{", StringComparison.Ordinal)
            .Replace("%7D", "}", StringComparison.Ordinal));
        text.AppendJoin('&',
            url.Options.Select((o, i) => $"{(i == 0 ? "?" : "")}{o.Key}={Uri.EscapeDataString(o.Value)}"));
        return text.ToString();
    }

    private static (string Name, string Value) Split(string pair)
    {
        var at = pair.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? (pair, "") : (pair[..at], Uri.UnescapeDataString(pair[(at + 1)..]));
    }
}
