using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>A state as icon, text and colour: <c>&lt;StateChip Look="StateLook.Tenant(status)" /&gt;</c>.</summary>
public sealed partial class StateChip
{
    [Parameter, EditorRequired]
    public StateLook Look { get; set; } = default!;

    /// <summary>A text to show instead of the default, e.g. the state with its reason.</summary>
    [Parameter]
    public string? Text { get; set; }

    [Parameter]
    public string? Title { get; set; }
}
