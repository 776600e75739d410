using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Portal.Components.Layout;
using Vigia.Portal.Components.Shared;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Layout;

public sealed class PortalBandsTests : ComponentTest
{
    private readonly PortalNotices _notices = new();

    public PortalBandsTests() => Services.AddSingleton(_notices);

    [Fact]
    public void PortalBands_ReadOnly_LinksToTheRemedy()
    {
        _notices.Add(PortalNotices.ReadOnly, severe: true);
        _notices.Add(PortalNotices.PrivateCluster, severe: false);

        var bands = Render<PortalBands>();

        Assert.Equal(Vigia.Portal.PortalUrls.Master, bands.Find(".band-severe a").GetAttribute("href"));
        Assert.Empty(bands.FindAll(".band-quiet a"));
        Assert.NotEmpty(bands.Find("aside").GetAttribute("aria-label")!);
    }
}
