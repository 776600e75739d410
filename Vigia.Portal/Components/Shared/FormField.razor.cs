using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// Label, control, error and help, in that order. The control inside has the id <see cref="For"/> and
/// <c>aria-describedby="@FormField.DescribedBy(id, error, help)"</c>.
/// </summary>
public sealed partial class FormField
{
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    /// <summary>The id of the control.</summary>
    [Parameter, EditorRequired]
    public string For { get; set; } = "";

    [Parameter]
    public string? Error { get; set; }

    [Parameter]
    public string? Help { get; set; }

    [Parameter]
    public bool Required { get; set; }

    /// <summary>CSS class for the layout in the form: <c>grow</c>, <c>wide</c>.</summary>
    [Parameter]
    public string? Class { get; set; }

    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>The ids of the elements that describe the control, or null when there are none.</summary>
    public static string? DescribedBy(string id, string? error, string? help = null) => (error, help) switch
    {
        (null, null) => null,
        (null, _) => $"{id}-help",
        (_, null) => $"{id}-error",
        _ => $"{id}-error {id}-help",
    };
}
