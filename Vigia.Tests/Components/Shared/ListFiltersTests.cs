using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class ListFiltersTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", 0, "Filtros")]
    [InlineData("es-PE", 2, "Filtros · 2")]
    [InlineData("en", 0, "Filters")]
    [InlineData("en", 2, "Filters · 2")]
    public async Task ListFilters_Button_CountsOpensAndCloses(string language, int count, string text)
    {
        Speak(language);
        var filters = Render<ListFilters>(p => p.Add(c => c.Count, count).AddChildContent("<input id='inside'>"));
        var button = filters.Find("button");

        Assert.Equal(text, TextOf(button));
        Assert.Equal("false", button.GetAttribute("aria-expanded"));
        Assert.NotNull(filters.Find($"#{button.GetAttribute("aria-controls")} #inside"));
        await button.ClickAsync(new());
        Assert.Equal("true", filters.Find("button").GetAttribute("aria-expanded"));
        await filters.Find("button").ClickAsync(new());
        Assert.Equal("false", filters.Find("button").GetAttribute("aria-expanded"));
    }
}
