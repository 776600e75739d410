using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class DraftNoteTests : ComponentTest
{
    // The browser shows the note and fills in the time.
    [Theory]
    [InlineData("es-PE", "Recuperamos lo que escribió a las · Descartar")]
    [InlineData("en", "We recovered what you typed at · Discard")]
    public void DraftNote_IsHiddenAndHasAPlaceForTheTime(string language, string text)
    {
        Speak(language);
        var note = Render<DraftNote>().Find("[data-draft-note]");

        Assert.True(note.HasAttribute("hidden"));
        Assert.Equal(text, TextOf(note));
        Assert.Equal("", note.QuerySelector("p > [data-draft-time]")!.TextContent);
    }
}
