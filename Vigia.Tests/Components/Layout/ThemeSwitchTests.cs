using Bunit;
using Vigia.Portal.Components.Layout;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Layout;

public sealed class ThemeSwitchTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", false, "Tema oscuro", "dark")]
    [InlineData("es-PE", true, "Tema claro", "light")]
    [InlineData("en", false, "Dark theme", "dark")]
    [InlineData("en", true, "Light theme", "light")]
    public async Task ThemeSwitch_Pressed_ChangesToTheThemeThatItNames(
        string language, bool dark, string name, string theme)
    {
        Speak(language);
        bool? changed = null;
        var button = Render<ThemeSwitch>(p => p.Add(s => s.Dark, dark).Add(s => s.DarkChanged, now => changed = now));
        Assert.Equal(name, button.Find("button").GetAttribute("aria-label"));

        await button.Find("button").ClickAsync(new());

        Assert.Equal(!dark, changed);
        Assert.Equal(theme, Assert.Single(JSInterop.Invocations["vigia.setTheme"]).Arguments.Single());
    }
}
