using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>How far something is, as a thin line; the words beside it say what.</summary>
public sealed partial class ProgressLine
{
    /// <summary>0 to 100.</summary>
    [Parameter, EditorRequired]
    public int Percent { get; set; }

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";
}
