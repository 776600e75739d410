using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class ErrorStateTests : ComponentTest
{
    [Theory]
    [InlineData(
        "es-PE", "Esto no se pudo mostrar", "Lo guardado sigue guardado.", "Código de seguimiento", "Reintentar")]
    [InlineData("en", "This could not be shown", "Saved data is safe.", "Tracking code", "Try again")]
    public async Task ErrorState_WithTraceAndRetry_ShowsBoth(
        string language, string title, string text, string trace, string retry)
    {
        Speak(language);
        var retried = 0;
        var state = Render<ErrorState>(p => p.Add(e => e.TraceId, "0af7651916cd").Add(e => e.OnRetry, () => retried++));

        Assert.Equal(title, state.Find("[role=alert] h2").TextContent);
        Assert.StartsWith(text, state.Find("p").TextContent, StringComparison.Ordinal);
        Assert.StartsWith($"{trace} 0af7651916cd", TextOf(state.Find(".error-trace")), StringComparison.Ordinal);
        var button = state.Find(".empty-actions button");
        Assert.Equal(retry, TextOf(button));
        await button.ClickAsync(new());
        Assert.Equal(1, retried);
    }

    [Fact]
    public void ErrorState_WithoutTraceAndRetry_ShowsNeither()
    {
        var state = Render<ErrorState>(p => p.Add(e => e.Title, "Título").Add(e => e.Text, "Texto"));

        Assert.Equal("Título", state.Find("h2").TextContent);
        Assert.Equal("Texto", state.Find("p").TextContent);
        Assert.Empty(state.FindAll("button, .error-trace"));
    }
}
