using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Vigia.Core.Foundation.Errors;

/// <summary>
/// The one place where a text of the resources gets its values: numbers with separators, singular and plural, and the
/// point at the end. A placeholder <c>{0:cliente|clientes}</c> chooses by the number: <c>{0} {0:cliente|clientes}</c>.
/// </summary>
public static partial class Blanks
{
    /// <summary>What stands where a value is not known.</summary>
    public const string Unknown = "…";

    /// <summary>
    /// Fills the placeholders with <paramref name="values"/>. Stored records outlive the build that wrote them, so
    /// a text may have more placeholders than the record has values: those show <see cref="Unknown"/>.
    /// </summary>
    public static string Fill(CultureInfo culture, string text, IReadOnlyList<object?> values)
    {
        var format = CompositeFormat.Parse(text);
        var missing = Math.Max(0, format.MinimumArgumentCount - values.Count);
        return OnePoint(string.Format(
            culture, format,
            [.. values.Select(Value), .. Enumerable.Repeat<object>(new Counted(Unknown, null), missing)]));
    }

    /// <summary>The text as a sentence: with one point at its end, also when it ends with "S.A.C.".</summary>
    public static string Sentence(string text) =>
        text.Length == 0 || text[^1] is '.' or '!' or '?' or '…' or ':' ? text : text + ".";

    // A name that ends with a point, at the end of a sentence.
    private static string OnePoint(string text) => TwoPoints().Replace(text, ".");

    private static object? Value(object? value) => value switch
    {
        int or long or short => new Counted(null, Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        string given => new Counted(given, null),
        _ => value,
    };

    [GeneratedRegex(@"(?<=\p{L})\.\.(?=\s|$)")]
    private static partial Regex TwoPoints();

    /// <summary>
    /// A number, or a text that may be one. Only the form that the placeholder asks for makes it a number.
    /// </summary>
    private sealed record Counted(string? Given, long? Number) : IFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider)
        {
            if (format is null || !format.Contains('|', StringComparison.Ordinal))
            {
                return Number?.ToString(format ?? "N0", formatProvider) ?? Given!;
            }

            var forms = format.Split('|');
            var number = Number ?? (long.TryParse(
                Given, NumberStyles.AllowThousands | NumberStyles.AllowLeadingSign, formatProvider, out var read)
                    ? read : null);
            return number == 1 ? forms[0] : forms[^1];
        }
    }
}
