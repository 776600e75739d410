using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class MomentTests : ComponentTest
{
    [Fact]
    public void Moment_HasTheExactTimeInLimaAndIsUpdated()
    {
        var moment = Render<Moment>(p => p.Add(m => m.At, Time.GetUtcNow().AddMinutes(-1)));
        var before = moment.Find("time").TextContent;
        Assert.Equal("24/11/2026 09:59 · hora de Lima", moment.Find("time").GetAttribute("title"));
        Assert.Equal("2026-11-24T14:59:00.0000000Z", moment.Find("time").GetAttribute("datetime"));

        Time.Advance(TimeSpan.FromHours(2));

        moment.WaitForAssertion(() => Assert.NotEqual(before, moment.Find("time").TextContent));
    }

    // Nobody looks at a page without a connection. When it is back, the times are right at once.
    [Fact]
    public async Task Moment_WithoutConnection_StandsStillAndIsRightAfterwards()
    {
        var line = Services.GetRequiredService<CircuitLine>();
        var moment = Render<Moment>(p => p.Add(m => m.At, Time.GetUtcNow().AddMinutes(-1)));
        var before = moment.RenderCount;
        await line.OnConnectionDownAsync(null!, Xunit.TestContext.Current.CancellationToken);

        Time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(before, moment.RenderCount);
        await line.OnConnectionUpAsync(null!, Xunit.TestContext.Current.CancellationToken);
        moment.WaitForAssertion(() => Assert.Equal("hace 2 h", moment.Find("time").TextContent));
    }

    [Theory]
    [InlineData("es-PE", -3, "hace 3 min")]
    [InlineData("es-PE", 0, "hace un momento")]
    [InlineData("es-PE", -60 * 24 * 40, "15/10/2026")]
    [InlineData("en", -3, "3 min ago")]
    [InlineData("en", 0, "just now")]
    [InlineData("en", -60 * 24 * 40, "15 Oct 2026")]
    public void Moment_Text_IsInTheLanguage(string language, int minutes, string text)
    {
        Speak(language);

        var moment = Render<Moment>(p => p.Add(m => m.At, Time.GetUtcNow().AddMinutes(minutes)));

        Assert.Equal(text, moment.Find("time").TextContent);
    }

    [Fact]
    public void Moment_None_SaysSo() =>
        Render<Moment>(p => p.Add(m => m.At, null).Add(m => m.Missing, "nunca")).MarkupMatches("nunca");
}
