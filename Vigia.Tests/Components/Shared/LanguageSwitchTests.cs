using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Portal;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class LanguageSwitchTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "en", "English", "en", "Cambiar a inglés")]
    [InlineData("en", "es-PE", "Español", "es", "Switch to Spanish")]
    public void LanguageSwitch_OffersTheOtherLanguage_InItsOwnWords(
        string language, string value, string text, string lang, string title)
    {
        Speak(language);
        Services.GetRequiredService<NavigationManager>().NavigateTo("clientes?q=andes");

        var form = Render<LanguageSwitch>();

        Assert.Equal(PortalUrls.Language, form.Find("form").GetAttribute("action"));
        Assert.Equal("post", form.Find("form").GetAttribute("method"));
        Assert.Equal(value, form.Find("input[name=value]").GetAttribute("value"));
        Assert.Equal("/clientes?q=andes", form.Find("input[name=returnUrl]").GetAttribute("value"));
        Assert.Equal(title, form.Find("button").GetAttribute("title"));
        Assert.Equal(text, form.Find("button").TextContent.Trim());
        Assert.Equal(lang, form.Find(".long").GetAttribute("lang"));
    }
}
