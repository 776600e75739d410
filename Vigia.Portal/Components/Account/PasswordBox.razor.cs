using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Account;

/// <summary>A password field whose content can be looked at. What was typed is never sent back in the answer.</summary>
public sealed partial class PasswordBox
{
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    [Parameter]
    public string Autocomplete { get; set; } = "current-password";

    [Parameter]
    public string? Error { get; set; }

    [Parameter]
    public string? Help { get; set; }

    protected override bool TryParseValueFromString(string? value, [MaybeNullWhen(false)] out string result, [NotNullWhen(false)] out string? validationErrorMessage)
    {
        result = value ?? "";
        validationErrorMessage = null;
        return true;
    }
}
