using System.Globalization;
using System.Text;
using System.Text.Json;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Parsing;
using Vigia.Portal.Startup;

namespace Vigia.Tests.Startup;

/// <summary>The log, in both formats: one line for each event, even if somebody put line breaks into it.</summary>
public sealed class TextLogFormatterTests
{
    private const string Hostile =
        "no\n2026-01-01 INF forged\r\u001b[2J\u009b1A\u202eabc\u2028x\u0000\t\u007f\U000e0041";

    [Fact]
    public void Format_ControlCharacters_AreEscaped()
    {
        var lines = Lines(new InvalidOperationException(Hostile), Hostile);

        Assert.Contains(
            @"no\u000a2026-01-01 INF forged\u000d\u001b[2J\u009b1A\u202eabc\u2028x\u0000\u0009\u007f\udb40\udc41",
            lines[0], StringComparison.Ordinal);
        Assert.All(lines, AssertText);
        Assert.All(lines.Skip(1), line => Assert.StartsWith("    ", line, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("2026-01-01", StringComparison.Ordinal));
    }

    [Fact]
    public void FormatJson_ControlCharacters_AreEscapedAndKept()
    {
        var line = Assert.Single(
            Lines(new InvalidOperationException(Hostile), Hostile, new EscapedJson(new CompactJsonFormatter())));

        AssertText(line);
        using var said = JsonDocument.Parse(line);
        Assert.Equal(Hostile, said.RootElement.GetProperty("Why").GetString());
        Assert.Contains(Hostile, said.RootElement.GetProperty("@x").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void OfLines_ReasonOfAFailedStart_KeepsItsLinesOnly() =>
        Assert.Equal("one\n  tw\\u001bo\\u009b1A", EscapedText.OfLines("one\r\n  tw\u001bo\u009b1A"));

    [Fact]
    public void Format_OrdinaryText_IsUnchanged() => Assert.EndsWith(
        " WRN The provider said: Señal ñandú 例え 🐴", Lines(null, "Señal ñandú 例え 🐴").Single().TrimEnd(),
        StringComparison.Ordinal);

    private static void AssertText(string line) => Assert.DoesNotContain(
        line.EnumerateRunes(), rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
            or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static List<string> Lines(Exception? exception, string text, ITextFormatter? formatter = null)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        (formatter ?? new TextLogFormatter()).Format(
            new LogEvent(
                new DateTimeOffset(2026, 11, 30, 6, 0, 0, TimeSpan.Zero), LogEventLevel.Warning, exception,
                new MessageTemplateParser().Parse("The provider said: {Why}"),
                [new LogEventProperty("Why", new ScalarValue(text))]),
            output);
        return [.. output.ToString().TrimEnd('\n').Split('\n')];
    }
}
