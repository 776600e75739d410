using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class HumanSizeTests : ComponentTest
{
    [Theory]
    [InlineData(0L, "0 B")]
    [InlineData(1023L, "1023 B")]
    [InlineData(1024L, "1 KB")]
    [InlineData(1_048_064L, "1 MB")]
    [InlineData(10_485_760L, "10 MB")]
    [InlineData(1_610_612_736L, "1.5 GB")]
    public void HumanSize_AnySize_UsesAReadableUnit(long bytes, string text) =>
        Assert.Equal(text, Render<HumanSize>(p => p.Add(s => s.Bytes, bytes)).Find("span").TextContent);

    [Theory]
    [InlineData("es-PE")]
    [InlineData("en")]
    public void HumanSize_OnHover_HasTheExactNumber(string language)
    {
        Speak(language);

        var size = Render<HumanSize>(p => p.Add(s => s.Bytes, 1_610_612_736L)).Find("span");

        Assert.Equal("1,610,612,736 bytes", size.GetAttribute("title"));
    }

    [Fact]
    public void HumanSize_Unknown_IsADash() =>
        Render<HumanSize>(p => p.Add(s => s.Bytes, null)).MarkupMatches("<span>—</span>");
}
