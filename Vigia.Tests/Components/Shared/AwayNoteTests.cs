using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class AwayNoteTests : ComponentTest
{
    [Fact]
    public void AwayNote_WithAText_IsAnnounced() =>
        Assert.Equal("El registro no responde.", Render<AwayNote>(p => p.Add(c => c.Text, "El registro no responde."))
            .Find("[role=alert]").TextContent);

    [Fact]
    public void AwayNote_WithoutText_ShowsNothing() =>
        Assert.Equal("", Render<AwayNote>(p => p.Add(c => c.Text, null)).Markup.Trim());
}
