using Bunit;
using MudBlazor;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class KeyHelpTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Atajos de teclado", "Buscar un cliente desde cualquier página", "Cerrar")]
    [InlineData("en", "Keyboard shortcuts", "Find a client from any page", "Close")]
    public async Task KeyHelp_Pressed_ListsTheKeys(string language, string title, string search, string close)
    {
        Speak(language);
        var provider = Render<MudDialogProvider>();
        var help = Render<KeyHelp>();
        Assert.Equal("true", help.Find("button").GetAttribute("aria-hidden"));
        Assert.Equal("keys", help.Find("button").GetAttribute("data-shortcut"));

        await help.Find("button").ClickAsync(new());

        Assert.Equal(title, provider.Find("h2").TextContent);
        Assert.Equal(search, provider.Find("dd").TextContent);
        Assert.Equal("Ctrl K", TextOf(provider.Find("dt")));
        Assert.Equal(5, provider.FindAll("dt").Count);
        var button = provider.FindAll(".mud-dialog-actions button").Single();
        Assert.Equal(close, TextOf(button));
        await button.ClickAsync(new());
        provider.WaitForAssertion(() => Assert.Empty(provider.FindAll("h2")));
    }
}
