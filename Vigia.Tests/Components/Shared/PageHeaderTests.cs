using Bunit;
using Microsoft.AspNetCore.Components.Web;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class PageHeaderTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Volver")]
    [InlineData("en", "Back")]
    public void PageHeader_WithEverything_HasOneHeadingAndALinkBack(string language, string back)
    {
        Speak(language);
        var header = Render<PageHeader>(p => p.Add(h => h.Title, "Andinos").Add(h => h.BackHref, "/clientes")
            .Add(h => h.State, "<i class=\"state\"></i>").Add(h => h.Actions, "<button>Editar</button>")
            .Add(h => h.Below, "RUC").Add(h => h.Beside, "<a href=\"/2\">Siguiente</a>"));

        Assert.Equal("Andinos", Assert.Single(header.FindAll("h1")).TextContent);
        Assert.Equal("-1", header.Find("h1").GetAttribute("tabindex"));
        Assert.Equal("/clientes", header.Find(".back-link").GetAttribute("href"));
        Assert.Equal(back, TextOf(header.Find(".back-link")));
        Assert.Equal("true", header.Find(".back-link svg").GetAttribute("aria-hidden"));
        Assert.Equal("Editar", header.Find(".page-actions button").TextContent);
        Assert.Equal("RUC", header.Find(".page-header-below").TextContent);
        Assert.Single(header.FindAll("h1 + .state"));
        Assert.Single(header.FindAll(".back-link + a"));
    }

    [Fact]
    public void PageHeader_OnlyATitle_HasNothingElse()
    {
        var header = Render<PageHeader>(p => p.Add(h => h.Title, "Panel"));

        Assert.Empty(header.FindAll("a, .page-actions, .page-header-below"));
        Assert.Equal("h1", Assert.Single(JSInterop.Invocations["vigia.startAt"]).Arguments.Single());
    }

    [Theory]
    [InlineData(null, "Panel · Vigia")]
    [InlineData("Activo · Andinos", "Activo · Andinos · Vigia")]
    public void PageHeader_TabTitle_IsTheLongerOne(string? tab, string title)
    {
        var header = Render<PageHeader>(p => p.Add(h => h.Title, "Panel").Add(h => h.TabTitle, tab));

        var content = header.FindComponent<PageTitle>().Instance.ChildContent!;
        Assert.Equal(title, Render(content).Markup.Trim());
    }
}
