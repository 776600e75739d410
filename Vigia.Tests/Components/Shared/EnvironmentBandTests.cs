using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class EnvironmentBandTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Portal de Pruebas")]
    [InlineData("en", "Pruebas portal")]
    public void EnvironmentBand_NotProduction_NamesTheEnvironment(string language, string text)
    {
        Speak(language);
        Services.Configure<PortalOptions>(options => options.EnvironmentName = "Pruebas");

        Assert.Equal(text, Render<EnvironmentBand>().Find(".band-environment").TextContent);
    }

    [Fact]
    public void EnvironmentBand_Production_IsNotThere() => Assert.Empty(Render<EnvironmentBand>().Markup.Trim());
}
