using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Portal.Components.Layout;
using Vigia.Portal.Components.Shared;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Layout;

public sealed class PortalBandsTests : ComponentTest
{
    private readonly PortalNotices _notices = new();

    public PortalBandsTests() => Services.AddSingleton(_notices);

    [Theory]
    [InlineData("es-PE", "Portal de Pruebas")]
    [InlineData("en", "Pruebas portal")]
    public void PortalBands_NotProduction_NamesTheEnvironment(string language, string text)
    {
        Speak(language);
        Services.Configure<PortalOptions>(options => options.EnvironmentName = "Pruebas");

        Assert.Equal(text, Render<PortalBands>().Find(".band-environment").TextContent);
    }

    [Fact]
    public void PortalBands_ReadOnly_SaysSoWithTheWayOut()
    {
        _notices.Add(PortalNotices.ReadOnly, severe: true);
        _notices.Add(PortalNotices.PrivateCluster, severe: false);

        var bands = Render<PortalBands>();

        Assert.Equal(Vigia.Portal.PortalUrls.Master, bands.Find(".band-severe a").GetAttribute("href"));
        Assert.Empty(bands.FindAll(".band-quiet a"));
        Assert.NotEmpty(bands.Find("aside").GetAttribute("aria-label")!);
    }
}
