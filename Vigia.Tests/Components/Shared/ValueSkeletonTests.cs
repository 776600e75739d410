using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class ValueSkeletonTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Cargando…")]
    [InlineData("en", "Loading…")]
    public void ValueSkeleton_SaysThatTheValueIsLoading(string language, string text)
    {
        Speak(language);

        var skeleton = Render<ValueSkeleton>();

        Assert.Equal(text, skeleton.Find(".visually-hidden").TextContent);
        Assert.Equal("true", skeleton.Find(".mud-skeleton").GetAttribute("aria-hidden"));
    }
}
