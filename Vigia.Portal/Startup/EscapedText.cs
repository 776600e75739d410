using System.Globalization;
using System.Text;
using Serilog.Events;
using Serilog.Formatting;

namespace Vigia.Portal.Startup;

/// <summary>
/// Texts of others, such as an identity provider's error, reach the console. No character goes out that could begin
/// another line, move the cursor, turn the direction or hide. It is escaped as in JSON.
/// </summary>
internal static class EscapedText
{
    private const string Digits = "0123456789abcdef";

    public static void Write(string text, TextWriter output) => output.Write(Of(text));

    /// <summary>Several lines: their ends stay, everything else is escaped.</summary>
    public static string OfLines(string text) =>
        string.Join('\n', text.Split('\n').Select(line => Of(line.TrimEnd('\r'))));

    // Uses no culture: one reason why a start fails is that there is none.
    private static string Of(string text)
    {
        var escaped = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var unit in units[..rune.EncodeToUtf16(units)])
            {
                if (IsText(rune))
                {
                    escaped.Append(unit);
                }
                else
                {
                    escaped.Append("\\u").Append(Digits[unit >> 12]).Append(Digits[(unit >> 8) & 15])
                        .Append(Digits[(unit >> 4) & 15]).Append(Digits[unit & 15]);
                }
            }
        }

        return escaped.ToString();
    }

    private static bool IsText(Rune rune) => Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator);
}

/// <summary>
/// A log event as one line of JSON. The formatter of Serilog escapes only what JSON forbids, and a terminal obeys more
/// than that. Such characters are inside strings, where an escape means the same.
/// </summary>
internal sealed class EscapedJson(ITextFormatter json) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        json.Format(logEvent, line);
        EscapedText.Write(line.ToString().TrimEnd('\r', '\n'), output);
        output.WriteLine();
    }
}
