using System.Globalization;
using System.Text.RegularExpressions;

namespace Vigia.Core.Foundation.Errors;

/// <summary>
/// The one place where a text of the resources gets its values: numbers with separators, singular and plural, and the
/// point at the end. A placeholder <c>{0:cliente|clientes}</c> chooses by the number: <c>{0} {0:cliente|clientes}</c>.
/// A number that was kept as text, as the arguments of a <see cref="Message"/> are, gets its separators where the text
/// says <c>{0:N0}</c> or chooses by it: nothing else tells a number from a RUC.
/// </summary>
public static partial class Blanks
{
    /// <summary>The text in place of an unknown value.</summary>
    public const string Unknown = "…";

    private const string Whole = "N0";

    /// <summary>
    /// Fills the placeholders with <paramref name="values"/>. Stored records outlive the build that wrote them, so
    /// a text may have more placeholders than the record has values: those show <see cref="Unknown"/>.
    /// </summary>
    public static string Fill(CultureInfo culture, string text, IReadOnlyList<object?> values)
    {
        var counted = Blank().Matches(text).Where(blank => IsChoice(FormOf(blank))).Select(IndexOf).ToHashSet();
        return Blank().Replace(text, blank =>
        {
            if (!blank.Groups["index"].Success)
            {
                // A brace that is written twice.
                return blank.Value[..1];
            }

            var (index, form) = (IndexOf(blank), FormOf(blank));
            var words = index >= values.Count ? Unknown
                : IsChoice(form) ? Choose(form, values[index], culture)
                : Write(values[index], form == Whole || counted.Contains(index), culture);

            // A name that ends with a point ("S.A.C.") or a question gets no second sign from the sentence around it.
            return EndsSentence(words) ? words : words + blank.Groups["point"].Value;
        });
    }

    /// <summary>The text as a sentence: with one point at its end, also when it ends with "S.A.C.".</summary>
    public static string Sentence(string text) =>
        text.Length == 0 || text[^1] == ':' || EndsSentence(text) ? text : text + ".";

    private static bool EndsSentence(string text) => text.Length > 0 && text[^1] is '.' or '!' or '?' or '…';

    private static int IndexOf(Match blank) =>
        int.Parse(blank.Groups["index"].ValueSpan, CultureInfo.InvariantCulture);

    private static string FormOf(Match blank) => blank.Groups["form"].Value;

    private static bool IsChoice(string form) => form.Contains('|', StringComparison.Ordinal);

    private static string Choose(string form, object? value, CultureInfo culture)
    {
        var forms = form.Split('|');
        return NumberIn(value, culture) == 1 ? forms[0] : forms[^1];
    }

    private static string Write(object? value, bool isNumber, CultureInfo culture) => value switch
    {
        null => "",
        string text when !isNumber => text,
        double or float or decimal => ((IFormattable)value).ToString("#,0.##", culture),
        _ when NumberIn(value, culture) is { } number => number.ToString(Whole, culture),
        IFormattable other => other.ToString(null, culture),
        _ => value.ToString() ?? "",
    };

    // A whole number, or a text that is one. A text of a localizer is no string by type.
    private static long? NumberIn(object? value, CultureInfo culture) => value switch
    {
        int or long or short or byte or uint or ushort => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        IFormattable or null => null,
        _ => long.TryParse(
            value.ToString(), NumberStyles.AllowThousands | NumberStyles.AllowLeadingSign, culture, out var read)
                ? read : null,
    };

    // The point belongs to the sentence unless it joins two names ({0}.{1}, {0}.pe) or is one of several.
    [GeneratedRegex(@"\{\{|\}\}|\{(?<index>\d)(?::(?<form>[^{}]*))?\}(?<point>\.(?![\p{L}\p{N}{.]))?")]
    private static partial Regex Blank();
}
