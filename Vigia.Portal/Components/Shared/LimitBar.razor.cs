using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>How much of a limit is used; says in words when it is nearly or wholly used up.</summary>
public sealed partial class LimitBar
{
    private const double NearFrom = 0.9;

    /// <summary>What is counted: "Usuarios".</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter, EditorRequired]
    public long Used { get; set; }

    /// <summary>The limit; null is unlimited.</summary>
    [Parameter]
    public long? Max { get; set; }

    /// <summary>In a table, where the column's head says it; screen readers still hear it.</summary>
    [Parameter]
    public bool HideLabel { get; set; }

    private bool Over => Max is { } max && Used >= max;

    private bool Near => Max is { } max && Used >= max * NearFrom;

    private double Percent => Max switch
    {
        null => 0,
        0 => 100,
        { } max => Math.Clamp(100.0 * Used / max, 0, 100),
    };
}
