using System.Globalization;
using Serilog.Events;
using Serilog.Parsing;
using Vigia.Portal.Startup;

namespace Vigia.Tests.Startup;

/// <summary>The text log: one line for each event, whatever others put into it.</summary>
public sealed class TextLineTests
{
    private const string Hostile = "no\n2026-01-01 INF forged\r\u001b[2J\u009b1A\u202eabc\u2028x\u0000\t";

    [Fact]
    public void Format_ControlCharacters_NeverGoOut()
    {
        var lines = Lines(new InvalidOperationException(Hostile), Hostile);

        Assert.Contains(@"no\u000a2026-01-01 INF forged\u000d\u001b[2J\u009b1A\u202eabc\u2028x\u0000\u0009", lines[0],
            StringComparison.Ordinal);
        Assert.All(lines, line => Assert.DoesNotContain(line, c => CharUnicodeInfo.GetUnicodeCategory(c)
            is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator));
        Assert.All(lines.Skip(1), line => Assert.StartsWith("    ", line, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("2026-01-01", StringComparison.Ordinal));
    }

    [Fact]
    public void Format_OrdinaryText_IsAsItWas() => Assert.EndsWith(
        " WRN The provider said: Señal ñandú 例え", Lines(null, "Señal ñandú 例え").Single().TrimEnd(),
        StringComparison.Ordinal);

    private static List<string> Lines(Exception? exception, string text)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new TextLine().Format(
            new LogEvent(
                new DateTimeOffset(2026, 11, 30, 6, 0, 0, TimeSpan.Zero), LogEventLevel.Warning, exception,
                new MessageTemplateParser().Parse("The provider said: {Why}"),
                [new LogEventProperty("Why", new ScalarValue(text))]),
            output);
        return [.. output.ToString().TrimEnd('\n').Split('\n')];
    }
}
