using System.Globalization;
using System.Text.RegularExpressions;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Foundation.Text;

/// <summary>
/// The only rule for e-mail addresses, for pages, API, settings and mail. Whether an address exists only a mail can
/// show. Accepts what RFC 5321 lets a mailbox be, without quoted local parts and address literals, which no company
/// uses. The domain may be an internationalised one (RFC 5890).
/// </summary>
public static partial class EmailAddress
{
    /// <summary>The longest address: a path of 256 octets with its brackets (RFC 5321, 4.5.3.1.3).</summary>
    public const int Longest = 254;

    private const int LongestLocal = 64;
    private const int LongestDomain = 253;

    private static readonly IdnMapping Idna = new() { UseStd3AsciiRules = true };

    /// <summary>Says what is wrong with an address that is not empty. Null when nothing is.</summary>
    public static Message? Problem(string text)
    {
        if (SafeText.Problem(text, Longest) is { } problem)
        {
            return problem;
        }

        return TryToAscii(text) is null ? new Message("correo_form") : null;
    }

    /// <summary>The address as mail servers read it, with the domain in ASCII.</summary>
    /// <exception cref="FormatException">It is no address.</exception>
    public static string ToAscii(string text) =>
        TryToAscii(text) ?? throw new FormatException("It is not an e-mail address.");

    /// <summary>
    /// Two addresses with the same key are one: neither the case of the letters nor the form of the domain (Unicode or
    /// ASCII) matters. Text that is no address has a key of its own: IDNA itself ignores invisible characters. Never
    /// throws.
    /// </summary>
    public static string Key(string text) =>
        ((Problem(text) is null ? TryToAscii(text) : null) ?? SafeText.Normalize(text)).ToUpperInvariant();

    /// <summary>
    /// The one form in which an address is stored: an internationalised domain in Unicode, as people read it. All else
    /// stays as it was typed. Text that is no address is returned as it is.
    /// </summary>
    public static string ToStored(string text)
    {
        if (Problem(text) is not null || TryToAscii(text) is not { } ascii)
        {
            return text;
        }

        var domain = ascii[(ascii.LastIndexOf('@') + 1)..];
        var unicode = Idna.GetUnicode(domain);
        return unicode == domain ? text : $"{ascii[..^domain.Length]}{unicode}";
    }

    /// <summary>
    /// All forms in lower case in which the same address may be stored, for a look-up. The first is that of
    /// <see cref="ToStored"/>.
    /// </summary>
#pragma warning disable CA1308 // The indexes contain lower case.
    public static string[] Forms(string text)
    {
        var stored = ToStored(text);
        return [.. new[] { stored, Problem(text) is null ? ToAscii(text) : text, text }
            .Select(form => form.ToLowerInvariant()).Distinct()];
    }
#pragma warning restore CA1308

    private static string? TryToAscii(string text)
    {
        var at = text.LastIndexOf('@');
        if (at is < 1 or > LongestLocal || !LocalPart().IsMatch(text[..at]))
        {
            return null;
        }

        try
        {
            var name = SafeText.Normalize(text[(at + 1)..]);
            if (name.Any(c => c is >= '\ufe00' and <= '\ufe0f'))
            {
                // IDNA ignores the selectors of variants, and two texts would be one domain.
                return null;
            }

            var domain = Idna.GetAscii(name);

            // Throws for an ASCII form that stands for no name.
            _ = Idna.GetUnicode(domain);
            var address = $"{text[..at]}@{domain}";
            return domain.Length <= LongestDomain && address.Length <= Longest && domain.Contains('.')
                && !domain.EndsWith('.') ? address : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    // A dot-string of RFC 5321, 4.1.2: atoms of RFC 5322 with single dots between them.
    [GeneratedRegex(
        @"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex LocalPart();
}
