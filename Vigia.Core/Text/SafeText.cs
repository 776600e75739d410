using System.Globalization;
using System.Text;
using Vigia.Core.Errors;

namespace Vigia.Core.Text;

/// <summary>The one check of text that people or programs give us (invariant 10).</summary>
public static class SafeText
{
    /// <summary>NFC without white space at the ends; null for nothing.</summary>
    public static string? Clean(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        // Lone surrogates can't be normalised; Problem() refuses them.
        return IsWellFormed(text) ? text.Normalize(NormalizationForm.FormC).Trim() : text;
    }

    /// <summary>
    /// What must not be stored or shown: U+0000 (PostgreSQL refuses it), lone surrogates (no UTF-8), other control characters, and invisible ones
    /// that make a text read as another (bidi controls, zero width).
    /// </summary>
    /// <param name="text">As given.</param>
    /// <param name="multiLine">Whether line ends and tabs are allowed.</param>
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

    /// <summary>Like the other overload, and at most <paramref name="maxLength"/> UTF-16 units.</summary>
    public static Message? Problem(string? text, int maxLength, bool multiLine = false) =>
        text?.Length > maxLength ? new Message("text_too_long", maxLength.ToString(CultureInfo.InvariantCulture)) : Problem(text, multiLine);

    /// <summary>Lower case without accents, ñ as n: what <c>portal.fold</c> does in the master.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var character in text.Normalize(NormalizationForm.FormD))
        {
            if (character is < '\u0300' or > '\u036f')
            {
                folded.Append(character);
            }
        }

#pragma warning disable CA1308 // Lower case is what is indexed.
        return folded.ToString().ToLowerInvariant();
#pragma warning restore CA1308
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsForbidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>The text as the audit trail can keep it: what PostgreSQL can't store is told as unreadable, not left out.</summary>
    public static string? Storable(string? text) => text is null || Problem(text) is null ? text : "?";
}
