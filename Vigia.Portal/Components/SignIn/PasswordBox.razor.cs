using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.SignIn;

/// <summary>A password field whose content can be shown. The response never contains the typed password.</summary>
public sealed partial class PasswordBox
{
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    /// <summary>The name of the form field.</summary>
    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    [Parameter]
    public string Autocomplete { get; set; } = "current-password";

    [Parameter]
    public string? Error { get; set; }

    [Parameter]
    public string? Help { get; set; }
}
