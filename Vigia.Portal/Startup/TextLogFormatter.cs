using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace Vigia.Portal.Startup;

/// <summary>
/// A log event as one line of text, with its exception indented below. <see cref="EscapedText"/> says what is escaped.
/// </summary>
internal sealed class TextLogFormatter : ITextFormatter
{
    // A property that an event does not have renders as empty text.
    private static readonly MessageTemplateTextFormatter Line = new(
        "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {Message:lj} {TenantId} {Subdominio} {OperationId} {TraceId}",
        CultureInfo.InvariantCulture);

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        Line.Format(logEvent, line);
        EscapedText.Write(line.ToString(), output);
        output.WriteLine();
        foreach (var part in logEvent.Exception?.ToString().Split('\n') ?? [])
        {
            output.Write("    ");
            EscapedText.Write(part.TrimEnd('\r'), output);
            output.WriteLine();
        }
    }
}
