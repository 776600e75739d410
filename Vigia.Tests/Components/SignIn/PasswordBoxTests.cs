using Bunit;
using Vigia.Portal.Components.SignIn;
using Vigia.Tests.Components.Shared;

namespace Vigia.Tests.Components.SignIn;

public sealed class PasswordBoxTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "Mostrar", "Mostrar la contraseña")]
    [InlineData("en", "Show", "Show the password")]
    public void PasswordBox_Button_ShowsTheContentOfItsField(string language, string text, string name)
    {
        Speak(language);
        var box = Box(null);

        Assert.Equal("clave", box.Find("button").GetAttribute("data-reveal"));
        Assert.Equal("false", box.Find("button").GetAttribute("aria-pressed"));
        Assert.Equal((text, name), (TextOf(box.Find("button")), box.Find("button").GetAttribute("aria-label")));
    }

    // The form is posted without a circuit, so the field needs a name. No response repeats a password.
    [Fact]
    public void PasswordBox_Field_IsPostedAndHasNoValue()
    {
        var field = Box(null).Find("input");

        Assert.Equal(("password", "Password"), (field.GetAttribute("type"), field.GetAttribute("name")));
        Assert.Equal("current-password", field.GetAttribute("autocomplete"));
        Assert.Null(field.GetAttribute("value"));
        Assert.Equal("false", field.GetAttribute("aria-invalid"));
    }

    [Fact]
    public void PasswordBox_WithAnError_IsInvalidAndDescribedByIt()
    {
        var field = Box("Escriba su contraseña.").Find("input");

        Assert.Equal("true", field.GetAttribute("aria-invalid"));
        Assert.Contains("clave", field.GetAttribute("aria-describedby"), StringComparison.Ordinal);
    }

    private IRenderedComponent<PasswordBox> Box(string? error) => Render<PasswordBox>(p => p
        .Add(b => b.Id, "clave").Add(b => b.Name, "Password").Add(b => b.Error, error));
}
