using Bunit;
using Microsoft.AspNetCore.Components.Web;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class ListFrameTests : ComponentTest
{
    [Fact]
    public async Task ListFrame_PointerOrFocusInside_HoldsUntilBothHaveLeft()
    {
        var told = new List<bool>();
        var list = Render<ListFrame>(p => p.Add(c => c.Label, "Clientes").Add(c => c.InUseChanged, told.Add)
            .AddChildContent("<p>Andinos</p>"));
        var frame = list.Find("[role=region][aria-label=Clientes]");
        Assert.Equal("Andinos", TextOf(frame));

        await frame.TriggerEventAsync("onpointerenter", new PointerEventArgs());
        await frame.TriggerEventAsync("onfocusin", new FocusEventArgs());
        await frame.TriggerEventAsync("onpointerleave", new PointerEventArgs());
        Assert.Equal([true], told);
        await frame.TriggerEventAsync("onfocusout", new FocusEventArgs());
        Assert.Equal([true, false], told);
    }

    [Fact]
    public async Task ListFrame_ListDisappearsUnderIt_HasLeft()
    {
        var told = new List<bool>();
        var list = Render<ListFrame>(p => p.Add(c => c.Label, "Clientes").Add(c => c.InUseChanged, told.Add));
        await list.Find("[role=region]").TriggerEventAsync("onpointerenter", new PointerEventArgs());

        await DisposeComponentsAsync();

        Assert.Equal([true, false], told);
    }
}
