using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class ProgressLineTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", 0)]
    [InlineData("es-PE", 40)]
    [InlineData("en", 100)]
    public void ProgressLine_HasItsNameAndItsPercentage(string language, int percent)
    {
        Speak(language);

        var line = Render<ProgressLine>(p => p.Add(l => l.Label, "Avance").Add(l => l.Percent, percent))
            .Find("[role=progressbar]");

        Assert.Equal("Avance", line.GetAttribute("aria-label"));
        Assert.Equal($"{percent}", line.GetAttribute("aria-valuenow"));
        Assert.Equal("0", line.GetAttribute("aria-valuemin"));
        Assert.Equal("100", line.GetAttribute("aria-valuemax"));
    }
}
