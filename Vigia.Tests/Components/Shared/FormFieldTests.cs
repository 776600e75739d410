using Bunit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Shared;

public sealed class FormFieldTests : ComponentTest
{
    [Theory]
    [InlineData("es-PE", "RUC (obligatorio)")]
    [InlineData("en", "RUC (required)")]
    public void FormField_Invalid_HasLabelErrorAndHelpWithTheirIds(string language, string label)
    {
        Speak(language);
        var field = Render<FormField>(p => p.Add(f => f.Label, "RUC").Add(f => f.For, "ruc").Add(f => f.Required, true)
            .Add(f => f.Error, "No existe.").Add(f => f.Help, "11 cifras").Add(f => f.Class, "wide")
            .AddChildContent("<input id=\"ruc\" />"));

        Assert.Equal("ruc", field.Find("label").GetAttribute("for"));
        Assert.Equal(label, TextOf(field.Find("label")));
        Assert.Equal("No existe.", field.Find("#ruc-error").TextContent);
        Assert.Equal("11 cifras", field.Find("#ruc-help").TextContent);
        Assert.True(field.Find(".field").ClassList.Contains("invalid"));
        Assert.True(field.Find(".field").ClassList.Contains("wide"));
    }

    [Fact]
    public void FormField_Valid_HasNeitherErrorNorHelp()
    {
        var field = Render<FormField>(p => p.Add(f => f.Label, "RUC").Add(f => f.For, "ruc"));

        Assert.Equal("RUC", TextOf(field.Find("label")));
        Assert.False(field.Find(".field").ClassList.Contains("invalid"));
        Assert.Empty(field.FindAll("span"));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("wrong", null, "ruc-error")]
    [InlineData(null, "help", "ruc-help")]
    [InlineData("wrong", "help", "ruc-error ruc-help")]
    public void DescribedBy_NamesTheExistingTexts(string? error, string? help, string? ids) =>
        Assert.Equal(ids, FormField.DescribedBy("ruc", error, help));
}
