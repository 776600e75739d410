using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class CountPillTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", 1, "1 cambio · Actualizar")]
    [InlineData("es-PE", 3, "3 cambios · Actualizar")]
    [InlineData("en", 1, "1 change · Refresh")]
    [InlineData("en", 3, "3 changes · Refresh")]
    public async Task CountPill_Changes_AreCountedAnnouncedAndRefreshed(string language, int count, string text)
    {
        Speak(language);
        var refreshed = 0;
        var pill = Render<CountPill>(p => p.Add(c => c.Count, count).Add(c => c.OnRefresh, () => refreshed++));

        Assert.Equal(text, TextOf(pill.Find("[role=status] button")));
        await pill.Find("button").ClickAsync(new());
        Assert.Equal(1, refreshed);
    }

    // Screen readers announce a change inside a region that was there before.
    [Fact]
    public void CountPill_NoChanges_IsAnEmptyRegion() =>
        Assert.Equal("", Render<CountPill>(p => p.Add(c => c.Count, 0)).Find("[role=status]").TextContent.Trim());
}
