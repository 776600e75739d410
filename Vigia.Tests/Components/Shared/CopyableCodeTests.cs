using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class CopyableCodeTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", true, "Copiar RUC", "Copiado")]
    [InlineData("es-PE", false, "Copiar RUC", "No se pudo copiar; selecciónelo y use Ctrl+C")]
    [InlineData("en", true, "Copy RUC", "Copied")]
    [InlineData("en", false, "Copy RUC", "Could not copy; select it and press Ctrl+C")]
    public async Task CopyableCode_Pressed_CopiesTheTextAndConfirmsIt(
        string language, bool works, string name, string note)
    {
        Speak(language);
        var copy = JSInterop.Setup<bool>("vigia.copy", "20131312955");
        copy.SetResult(works);
        var code = Render<CopyableCode>(p => p.Add(c => c.Text, "20131312955").Add(c => c.What, "RUC"));
        Assert.Equal("", code.Find("[role=status]").TextContent);
        Assert.Equal(name, code.Find("button").GetAttribute("aria-label"));

        await code.Find("button").ClickAsync(new());

        Assert.Single(copy.Invocations);
        Assert.Equal(note, code.Find("[role=status]").TextContent);
        Time.Advance(TimeSpan.FromSeconds(2));
        code.WaitForAssertion(() => Assert.Equal("", code.Find("[role=status]").TextContent));
    }

    [Fact]
    public void CopyableCode_WithoutAName_IsCalledByItsText()
    {
        var code = Render<CopyableCode>(p => p.Add(c => c.Text, "vigia_andes"));

        Assert.Equal("vigia_andes", code.Find("code").TextContent);
        Assert.Equal("Copiar vigia_andes", code.Find("button").GetAttribute("aria-label"));
    }
}
