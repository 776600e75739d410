using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace Vigia.Portal.Startup;

/// <summary>
/// A log event as one line of text, with its exception indented below. Texts of others, such as an identity provider's
/// error, reach the log. So no character goes out that could begin another line, move the cursor or turn the direction.
/// </summary>
internal sealed class TextLine : ITextFormatter
{
    // A property that an event does not have renders as empty text.
    private static readonly MessageTemplateTextFormatter Line = new(
        "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {Message:lj} {TenantId} {Subdominio} {OperationId} {TraceId}",
        CultureInfo.InvariantCulture);

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        Line.Format(logEvent, line);
        Write(line.ToString(), output);
        output.WriteLine();
        foreach (var part in logEvent.Exception?.ToString().Split('\n') ?? [])
        {
            output.Write("    ");
            Write(part.TrimEnd('\r'), output);
            output.WriteLine();
        }
    }

    private static void Write(string text, TextWriter output)
    {
        foreach (var character in text)
        {
            if (char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                output.Write(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"));
            }
            else
            {
                output.Write(character);
            }
        }
    }
}
