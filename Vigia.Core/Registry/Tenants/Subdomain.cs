using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// A sub-domain for a new tenant (docs/rules.md#subdomain): 1–57 lower-case letters, digits and hyphens, a letter or
/// digit at both ends, no double hyphen, not reserved. The limit is 57 because a PostgreSQL name has 63 bytes and the
/// prefix <c>vigia_</c> takes six. PostgreSQL silently cuts longer names.
/// </summary>
public readonly partial record struct Subdomain
{
    public const int MaxLength = 57;

    private static readonly HashSet<string> Reserved =
    [
        "admin", "api", "app", "assets", "auth", "autodiscover", "blog", "cdn", "correo", "dev", "docs", "ftp",
        "health", "help", "imap", "legacy", "localhost", "login", "mail",
        "master", "mx", "ns", "ns1", "ns2", "panel", "pop", "portal", "postgres", "root", "smtp", "soporte", "sso",
        "static", "status", "support", "template", "test", "vigia", "webmail", "www",
    ];

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> ReservedSpans =
        Reserved.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <exception cref="InvalidInputException">Field <c>subdominio</c>.</exception>
    public Subdomain(string? text)
    {
        if (Problem(text) is { } problem)
        {
            throw new InvalidInputException("subdominio", problem);
        }

        Value = text!;
    }

    public string Value { get; }

    /// <summary>Says what is wrong. Null when nothing is wrong.</summary>
    public static Message? Problem(string? text) => text switch
    {
        null or "" => new Message("subdominio_required"),
        { Length: > MaxLength } =>
            new Message("subdominio_too_long", MaxLength.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        _ when !Form().IsMatch(text) => new Message("subdominio_form"),
        _ when text.Contains("--", StringComparison.Ordinal) => new Message("subdominio_double_hyphen"),
        _ when Reserved.Contains(text) => new Message("subdominio_reserved", text),
        _ => null,
    };

    /// <summary>Whether no new tenant can have this name, in upper or lower case. Allocates nothing.</summary>
    public static bool IsReserved(ReadOnlySpan<char> text) => ReservedSpans.Contains(text);

    public override string ToString() => Value;

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
