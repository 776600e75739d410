using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class MissingNoteTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Faltan: Motivo · Contraseña", "Motivo", "Contraseña")]
    [InlineData("es-PE", "Falta: Motivo", "Motivo")]
    [InlineData("en", "Still needed: Motivo · Contraseña", "Motivo", "Contraseña")]
    public void MissingNote_NamesWhatIsMissing(string language, string text, params string[] what)
    {
        Speak(language);

        Assert.Equal(text, TextOf(Note(what).Find("#missing")));
    }

    [Fact]
    public void MissingNote_NothingIsMissing_ShowsNothing() => Assert.Equal("", Note().Markup.Trim());

    private IRenderedComponent<MissingNote> Note(params string[] what) =>
        Render<MissingNote>(p => p.Add(c => c.Id, "missing").Add(c => c.What, what));
}
