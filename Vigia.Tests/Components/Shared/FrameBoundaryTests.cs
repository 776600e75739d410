using Bunit;
using Microsoft.AspNetCore.Components;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class FrameBoundaryTests : ComponentTest
{
    [Fact]
    public async Task FrameBoundary_FailingComponent_IsLeftOutAndRecreatedAfterThePause()
    {
        var fails = true;
        var failures = new List<string>();
        RenderFragment part = builder =>
            builder.AddContent(0, fails ? throw new InvalidOperationException("away") : "3 en curso");

        var boundary = Render<FrameBoundary>(p => p.AddChildContent(part)
            .Add(c => c.Pause, TimeSpan.FromSeconds(2))
            .Add(c => c.OnFailed, (Exception exception) => failures.Add(exception.Message)));

        Assert.Equal("", boundary.Markup);
        Assert.Equal(["away"], failures);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("", boundary.Markup);

        fails = false;
        Time.Advance(TimeSpan.FromSeconds(1));
        await boundary.WaitForStateAsync(() => boundary.Markup == "3 en curso");
    }
}
