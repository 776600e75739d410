using Bunit;
using MudBlazor;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class EmptyStateTests : ComponentTest
{
    [Fact]
    public void EmptyState_InAPage_HasHeadingTextAndAction()
    {
        var state = Render<EmptyState>(p => p.Add(e => e.Title, "Sin clientes").Add(e => e.Text, "Registre el primero.")
            .Add(e => e.Icon, Icons.Material.Outlined.Apartment)
            .AddChildContent("<a href=\"/clientes/nuevo\">Registrar</a>"));

        Assert.Equal("Sin clientes", state.Find("h2").TextContent);
        Assert.Equal("Registre el primero.", state.Find("p").TextContent);
        Assert.Equal("true", state.Find("svg").GetAttribute("aria-hidden"));
        Assert.Equal("Registrar", state.Find(".empty-actions a").TextContent);
    }

    [Fact]
    public void EmptyState_AsTheWholePage_HasItsFirstHeading()
    {
        var state = Render<EmptyState>(p => p.Add(e => e.Title, "No existe").Add(e => e.Level, 1));

        Assert.Equal("-1", state.Find("h1").GetAttribute("tabindex"));
        Assert.Empty(state.FindAll("h2, p, svg, .empty-actions"));
    }
}
