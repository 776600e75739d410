using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Account;

/// <summary>A password field whose content can be looked at. What was typed is never sent back in the answer.</summary>
public sealed partial class PasswordBox
{
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    /// <summary>The field of the form.</summary>
    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    [Parameter]
    public string Autocomplete { get; set; } = "current-password";

    [Parameter]
    public string? Error { get; set; }

    [Parameter]
    public string? Help { get; set; }
}
