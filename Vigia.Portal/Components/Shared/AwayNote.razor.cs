using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>Beside the button of a form: the master is away, and what was typed is still there.</summary>
public sealed partial class AwayNote
{
    /// <summary>The message; null when there is nothing to say.</summary>
    [Parameter, EditorRequired]
    public string? Text { get; set; }
}
