using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Staff.Team;
using Vigia.Portal;
using Vigia.Portal.Components.Team;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.Team;

public sealed class LinkPanelTests : ComponentTest
{
    private static readonly StaffLink Link = new(
        Guid.NewGuid(), "Rosa Quispe", "rosa@vigia.test", "abc123",
        new DateTimeOffset(2026, 11, 25, 15, 0, 0, TimeSpan.Zero));

    public LinkPanelTests() => Services.AddSingleton(new VigiaSettings
    {
        PortalBaseUrl = new Uri("https://portal.empresa.pe/"),
    });

    [Theory]
    [InlineData(false, "Le damos acceso al portal")]
    [InlineData(true, "puede elegir una contraseña nueva")]
    public void LinkPanel_Message_HasTheAddressThatStaffOpen(bool isRecovery, string words)
    {
        var panel = Render<LinkPanel>(p => p.Add(l => l.Link, Link).Add(l => l.IsRecovery, isRecovery));

        var message = panel.Find("textarea").TextContent;
        Assert.Contains(
            $"https://portal.empresa.pe{PortalUrls.Invitation}?token=abc123", message, StringComparison.Ordinal);
        Assert.Contains(words, message, StringComparison.Ordinal);
    }

    [Fact]
    public void LinkPanel_LinkWasMailed_ShowsNoLink()
    {
        var panel = Render<LinkPanel>(p => p.Add(l => l.Link, Link with { Token = null }));

        Assert.Contains(
            "va por correo a rosa@vigia.test", TextOf(panel.Find("[role=status]")), StringComparison.Ordinal);
        Assert.Empty(panel.FindAll("textarea"));
        Assert.DoesNotContain("token=", panel.Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "Copiado")]
    [InlineData(false, "No se pudo copiar; selecciónelo y use Ctrl+C")]
    public async Task LinkPanel_Copied_SaysWhetherItWorked(bool works, string note)
    {
        var panel = Render<LinkPanel>(p => p.Add(l => l.Link, Link));
        var copy = JSInterop.Setup<bool>("vigia.copy", panel.Find("textarea").TextContent);
        copy.SetResult(works);

        await panel.InvokeAsync(panel.Instance.CopyAsync);

        Assert.Single(copy.Invocations);
        Assert.Equal(note, TextOf(panel.Find("[role=status]")));
    }
}
