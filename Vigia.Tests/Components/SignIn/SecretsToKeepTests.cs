using Bunit;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.SignIn;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.SignIn;

/// <summary>What a person sees once and has to keep, on static pages too: links and buttons need no circuit.</summary>
public sealed class SecretsToKeepTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Abrir la aplicación de este teléfono", "Copiar la clave")]
    [InlineData("en", "Open the app on this phone", "Copy the key")]
    public void AuthenticatorSecret_OpensInTheAppAndCanBeCopied(string language, string open, string copy)
    {
        Speak(language);
        var secret = Totp.NewSecret();

        var shown = Render<AuthenticatorSecret>(
            p => p.Add(a => a.Account, "ana@vigia.example").Add(a => a.Secret, secret));

        Assert.Equal(open, TextOf(shown.Find("a")));
        Assert.Equal(
            Totp.Address("Vigia Portal", "ana@vigia.example", secret), shown.Find("a").GetAttribute("href"));
        Assert.Equal(copy, TextOf(shown.Find("button")));
        Assert.Equal(Totp.Text(secret), shown.Find($"#{shown.Find("button").GetAttribute("data-copy-list")} code")
            .TextContent);
    }

    [Fact]
    public void RecoveryCodeList_IsDownloadedWithoutTheServer()
    {
        var shown = Render<RecoveryCodeList>(p => p.Add(l => l.Codes, ["abcd-1234", "efgh-5678"]));

        Assert.Equal("data:text/plain;charset=utf-8,abcd-1234%0Aefgh-5678", shown.Find("a").GetAttribute("href"));
        Assert.Equal("vigia-codigos.txt", shown.Find("a").GetAttribute("download"));
    }
}
