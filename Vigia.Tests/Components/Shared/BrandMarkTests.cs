using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class BrandMarkTests : ComponentTest
{
    // The product's name stands beside it.
    [Fact]
    public void BrandMark_IsADecoration()
    {
        var mark = Render<BrandMark>().Find("svg");

        Assert.Equal("true", mark.GetAttribute("aria-hidden"));
        Assert.Equal("false", mark.GetAttribute("focusable"));
    }
}
