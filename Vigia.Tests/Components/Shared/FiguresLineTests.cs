using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class FiguresLineTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Medido", "Todavía no se midió.", "Medir ahora", "No se pudo medir ahora.")]
    [InlineData("en", "Measured", "Not measured yet.", "Measure now", "It could not be measured now.")]
    public void FiguresLine_SaysWhen_AndThatMeasuringFailed(
        string language, string at, string never, string button, string failed)
    {
        Speak(language);
        var result = false;
        var line = Render<FiguresLine>(p => p.Add(l => l.At, null).Add(l => l.Measure, () => Task.FromResult(result)));
        Assert.Equal(never, line.Find("span").TextContent);

        line.Find("button").Click();

        Assert.Equal(button, line.Find("button").TextContent);
        Assert.Equal(failed, line.Find("[role=status]").TextContent);
        result = true;
        line.Find("button").Click();
        Assert.Empty(line.FindAll("[role=status]"));
        line.Render(p => p.Add(l => l.At, new DateTimeOffset(2026, 1, 2, 15, 0, 0, TimeSpan.Zero)));
        Assert.StartsWith(at, line.Find("span").TextContent, StringComparison.Ordinal);
    }
}
