using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class MissingNoteTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Falta: Motivo · Firma")]
    [InlineData("en", "Still needed: Motivo · Firma")]
    public void MissingNote_NamesWhatIsMissing(string language, string text)
    {
        Speak(language);

        Assert.Equal(text, TextOf(Note("Motivo", "Firma").Find("#missing")));
    }

    [Fact]
    public void MissingNote_NothingIsMissing_ShowsNothing() => Assert.Equal("", Note().Markup.Trim());

    private IRenderedComponent<MissingNote> Note(params string[] what) =>
        Render<MissingNote>(p => p.Add(c => c.Id, "missing").Add(c => c.What, what));
}
