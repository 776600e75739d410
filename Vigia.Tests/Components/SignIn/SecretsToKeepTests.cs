using Bunit;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.SignIn;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.SignIn;

/// <summary>
/// Secrets that a person sees once and has to keep, on static pages too: the buttons need no circuit.
/// </summary>
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

        Assert.Equal([open, copy], shown.FindAll("button").Select(TextOf));
        Assert.Equal(Totp.Address("Vigia Portal", "ana@vigia.example", secret),
            shown.Find("[data-open]").GetAttribute("data-open"));
        var list = shown.Find("[data-copy-list]").GetAttribute("data-copy-list");
        Assert.Equal(Totp.Text(secret), shown.Find($"#{list} code").TextContent);
    }
}
