using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Portal;
using Vigia.Portal.Components.Dashboard;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Dashboard;

public sealed class OnlyTenantNoticeTests : ComponentTest
{
    private static readonly VigiaSettings Settings = new()
    {
        LegacyDatabase = new PostgresUrl { Host = "db", Database = "vigiadb", Username = "vigia", Password = "s3cret" },
    };

    [Theory]
    [InlineData("es-PE", "Instalación de un solo cliente.")]
    [InlineData("en", "Installation with a single client.")]
    public void OnlyTenantNotice_DatabaseUrlAlone_SaysWhereRequestsGo(string language, string words)
    {
        Speak(language);
        Services.AddSingleton(Settings with { UsesPrivateCluster = true });

        var notice = Render<OnlyTenantNotice>();

        Assert.Contains(words, TextOf(notice.Find(".notice")), StringComparison.Ordinal);
        Assert.Contains("vigiadb", notice.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", notice.Markup, StringComparison.Ordinal);
        Assert.Equal(PortalUrls.Diagnosis, notice.Find("a").GetAttribute("href"));
    }

    [Fact]
    public void OnlyTenantNotice_WithAMaster_ShowsNothing()
    {
        Services.AddSingleton(Settings);

        Assert.Equal("", Render<OnlyTenantNotice>().Markup.Trim());
    }
}
