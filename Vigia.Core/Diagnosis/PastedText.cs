using System.Text;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;

namespace Vigia.Core.Diagnosis;

/// <summary>
/// Takes a host, a name and a token out of what people paste: an address, a line of headers, or the bare value.
/// </summary>
public static class PastedText
{
    public const int LongestHost = 1_000;
    public const int LongestName = 200;
    public const int LongestToken = 8_192;

    /// <exception cref="InvalidInputException">
    /// <c>host</c>, <c>tenant</c>, <c>token</c>: too long or with control characters; or nothing is given.
    /// </exception>
    internal static (string? Host, string? Header, string? Token) Read(DiagnosisRequest request)
    {
        var (host, name, token) = (Trim(request.Host), Trim(request.Tenant), Trim(request.Token));
        var wrong = new Dictionary<string, IReadOnlyList<Message>>();
        foreach (var (field, text, most) in new[]
        {
            ("host", host, LongestHost), ("tenant", name, LongestName), ("token", token, LongestToken),
        })
        {
            if (SafeText.Problem(text, most) is { } problem)
            {
                wrong[field] = [problem];
            }
        }

        if (token is not null && !Ascii.IsValid(token))
        {
            wrong["token"] = [new Message("diag_token_unreadable")];
        }

        if (host is null && name is null && token is null)
        {
            wrong["tenant"] = [new Message("diag_nothing")];
        }

        return wrong.Count > 0 ? throw new InvalidInputException(wrong)
            : (HostIn(host), After(name, "x-tenant:")?.Trim(),
                Trim(After(Trim(After(token, "authorization:")), "bearer ")));
    }

    // An address as a browser shows it, with or without its scheme.
    private static string? HostIn(string? text)
    {
        var rest = Trim(After(text, "host:"));
        if (rest?.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme)
        {
            rest = rest[(scheme + 3)..];
        }

        // The name and the password that an address may carry are no part of the host.
        return Trim(rest?.Split('/', '?', '#')[0].Split('@')[^1]);
    }

    private static string? After(string? text, string prefix) =>
        text?.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) == true ? text[prefix.Length..] : text;

    private static string? Trim(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
