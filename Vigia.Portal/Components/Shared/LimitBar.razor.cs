using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Vigia.Portal.Components.Shared;

/// <summary>Shows how much of a limit is used. A text says when the limit is nearly or completely used up.</summary>
public sealed partial class LimitBar
{
    private const double NearFrom = 0.9;

    /// <summary>The name of the limit: "Usuarios".</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter, EditorRequired]
    public long Used { get; set; }

    /// <summary>The limit. Null means unlimited.</summary>
    [Parameter]
    public long? Max { get; set; }

    /// <summary>
    /// Hides the label in a table whose column heading already shows it. Screen readers still read it.
    /// </summary>
    [Parameter]
    public bool HideLabel { get; set; }

    private bool Over => Max is { } max && Used >= max;

    private bool Near => Max is { } max && Used >= max * NearFrom;

    private Color Bar => Over ? Color.Error : Near ? Color.Warning : Color.Primary;

    private double Percent => Max switch
    {
        null => 0,
        0 => 100,
        { } max => Math.Clamp(100.0 * Used / max, 0, 100),
    };
}
