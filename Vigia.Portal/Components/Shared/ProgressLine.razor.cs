using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>Progress as a thin line. The text beside it says what it measures.</summary>
public sealed partial class ProgressLine
{
    /// <summary>Percentage from 0 to 100.</summary>
    [Parameter, EditorRequired]
    public int Percent { get; set; }

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";
}
