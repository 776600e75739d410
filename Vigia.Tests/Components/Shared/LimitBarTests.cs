using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class LimitBarTests : ComponentTest
{
    [Theory]
    [InlineData(89, 100L, null)]
    [InlineData(90, 100L, "near")]
    [InlineData(100, 100L, "over")]
    [InlineData(7, 0L, "over")]
    [InlineData(5_000_000, null, null)]
    public void LimitBar_Level_IsInWordsAndNotOnlyInColour(long used, long? max, string? note)
    {
        var bar = Render(used, max);

        Assert.Equal(note is not null, bar.FindAll(".limit-note").Count == 1);
        Assert.Equal(note is not null, bar.Find(".limit").ClassList.Contains(note ?? "over"));
        Assert.Equal(max is not null, bar.FindAll("[role=meter]").Count == 1);
        if (max is { } limit)
        {
            Assert.Equal($"{Math.Min(used, limit)}", bar.Find("[role=meter]").GetAttribute("aria-valuenow"));
        }
    }

    [Theory]
    [InlineData("es-PE", 9, 10L, "9 de 10", "Cerca del límite")]
    [InlineData("es-PE", 10, 10L, "10 de 10", "Límite alcanzado")]
    [InlineData("es-PE", 1200, null, "1,200 · Sin límite", null)]
    [InlineData("en", 9, 10L, "9 of 10", "Near the limit")]
    [InlineData("en", 10, 10L, "10 of 10", "Limit reached")]
    [InlineData("en", 1200, null, "1,200 · Unlimited", null)]
    public void LimitBar_Texts_AreInTheLanguage(string language, long used, long? max, string value, string? note)
    {
        Speak(language);
        var bar = Render(used, max);

        Assert.Equal(value, bar.Find(".limit-value").TextContent);
        Assert.Equal(note, bar.FindAll(".limit-note").SingleOrDefault()?.TextContent.Trim());
        if (max is not null)
        {
            Assert.Equal("Usuarios", bar.Find("[role=meter]").GetAttribute("aria-label"));
            Assert.Equal(value, bar.Find("[role=meter]").GetAttribute("aria-valuetext"));
        }
    }

    [Fact]
    public void LimitBar_HiddenLabel_IsStillTheNameOfTheMeter()
    {
        var bar = Render<LimitBar>(p =>
            p.Add(b => b.Label, "Usuarios").Add(b => b.Used, 1).Add(b => b.Max, 2).Add(b => b.HideLabel, true));

        Assert.Empty(bar.FindAll(".limit-label"));
        Assert.Equal("Usuarios", bar.Find("[role=meter]").GetAttribute("aria-label"));
    }

    private IRenderedComponent<LimitBar> Render(long used, long? max) =>
        Render<LimitBar>(p => p.Add(b => b.Label, "Usuarios").Add(b => b.Used, used).Add(b => b.Max, max));
}
