using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>Says that there is nothing to show, and offers the first thing to do.</summary>
public sealed partial class EmptyState
{
    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    [Parameter]
    public string? Text { get; set; }

    [Parameter]
    public string? Icon { get; set; }

    /// <summary>Level of the heading: 1 when this is the whole page, otherwise 2.</summary>
    [Parameter]
    public int Level { get; set; } = 2;

    /// <summary>The action to offer: a button or a link.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }
}
