using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class SkeletonTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Cargando…")]
    [InlineData("en", "Loading…")]
    public void Skeleton_HasTheExpectedRowsAndSaysThatItLoads(string language, string name)
    {
        Speak(language);

        var skeleton = Render<Skeleton>(p => p.Add(s => s.Rows, 3));

        Assert.Equal(name, skeleton.Find("[role=status]").GetAttribute("aria-label"));
        Assert.Equal(3, skeleton.FindAll(".mud-skeleton").Count);
    }
}
