using System.Globalization;
using System.Text;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Foundation.Text;

/// <summary>
/// The only check of text that comes from people or programs. See docs/rules.md#identifiers-and-text.
/// </summary>
public static class SafeText
{
    /// <summary>
    /// The characters that a search treats as a blank. The function <c>portal.search_text</c> has the same characters.
    /// </summary>
    internal const string SearchPunctuation =
        "!\"#$%&'()*+,-/:;<=>?@[\\]^_`{|}~¡¢£¤¥¦§¨©«¬®¯°±´¶·¸»¿×÷‐‑‒–—―‘’‚“”„†‡•…‹›€™";

    // Letters and marks that show nothing: the joiner of graphemes, the fillers of Hangul, two vowels of Khmer.
    private static readonly int[] Shapeless = [0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0];

    private static readonly char[] SearchBlanks = [' ', '\t', '\r', '\n', '\u00a0', .. SearchPunctuation];

    /// <summary>Normalises text to NFC and trims it. Returns null for empty text.</summary>
    public static string? Clean(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        return HasForms(text) ? Normalize(text).Trim() : text;
    }

    /// <summary>
    /// Normalises text to NFC, so that text that looks the same is the same. Text with lone surrogates or U+FFFE,
    /// which <see cref="Problem(string?, bool)"/> refuses, has no such form and stays as it is.
    /// </summary>
    public static string Normalize(string text) =>
        HasForms(text) ? text.Normalize(NormalizationForm.FormC) : text;

    /// <summary>
    /// Finds characters that must not be stored or shown: U+0000 (PostgreSQL refuses it), lone surrogates (UTF-8 can't
    /// encode them), other control characters, code points that are no characters, and invisible characters that make
    /// a text look like another (bidirectional controls, zero width, letters without a shape).
    /// </summary>
    /// <param name="text">The text as it was given.</param>
    /// <param name="multiLine">Whether line breaks and tabs are allowed.</param>
    /// <returns>Null when nothing is wrong.</returns>
    public static Message? Problem(string? text, bool multiLine = false)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (!IsWellFormed(text))
        {
            return new Message("text_lone_surrogate");
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (IsForbidden(rune) && !(multiLine && rune.Value is '\n' or '\r' or '\t'))
            {
                return new Message("text_forbidden_character", $"U+{rune.Value:X4}");
            }
        }

        return null;
    }

    /// <summary>
    /// Like the other overload. Also refuses text of more than <paramref name="maxLength"/> UTF-16 units.
    /// </summary>
    public static Message? Problem(string? text, int maxLength, bool multiLine = false) =>
        text?.Length > maxLength ? new Message("text_too_long", maxLength.ToString(CultureInfo.InvariantCulture))
            : Problem(text, multiLine);

    /// <summary>
    /// The beginning of a text, at most <paramref name="maxLength"/> UTF-16 units. Never ends within a character:
    /// PostgreSQL and UTF-8 refuse half a surrogate pair.
    /// </summary>
    public static string Cut(string text, int maxLength) =>
        text.Length <= maxLength ? text
            : text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];

    /// <summary>
    /// Converts text to lower case without accents, with ñ as n, like <c>portal.fold</c> in the master. Text with lone
    /// surrogates or U+FFFE keeps its accents.
    /// </summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var character in HasForms(text) ? text.Normalize(NormalizationForm.FormD) : text)
        {
            if (character is < '\u0300' or > '\u036f')
            {
                folded.Append(character);
            }
        }

#pragma warning disable CA1308 // The index contains lower case.
        return folded.ToString().ToLowerInvariant();
#pragma warning restore CA1308
    }

    /// <summary>
    /// The words of a text as searches compare them, like <c>portal.search_text</c> in the master: folded, without dots
    /// (S.A.C. is sac), and with other punctuation as a blank. At most ten.
    /// </summary>
    public static string[] SearchWords(string text)
    {
        var plain = Fold(text).Replace(".", "", StringComparison.Ordinal);
        return [.. plain.Split(SearchBlanks, StringSplitOptions.RemoveEmptyEntries).Take(10)];
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i])
                && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    // The framework normalises no text with half a surrogate pair, and none with U+FFFE.
    private static bool HasForms(string text) =>
        IsWellFormed(text) && !text.Contains('\ufffe', StringComparison.Ordinal);

    private static bool IsForbidden(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || IsNoCharacter(rune.Value) || Shapeless.Contains(rune.Value);

    // Unicode section 23.7: never to be exchanged.
    private static bool IsNoCharacter(int value) => (value & 0xfffe) == 0xfffe || value is >= 0xfdd0 and <= 0xfdef;

    /// <summary>
    /// The text in a form that the audit trail can store. Text that PostgreSQL can't store is replaced by a question
    /// mark, so that the record shows that there was some.
    /// </summary>
    public static string? Storable(string? text) => text is null || Problem(text) is null ? text : "?";
}
