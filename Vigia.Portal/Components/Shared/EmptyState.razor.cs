using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>Nothing to show, and what to do first about it.</summary>
public sealed partial class EmptyState
{
    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    [Parameter]
    public string? Text { get; set; }

    [Parameter]
    public string? Icon { get; set; }

    /// <summary>1 where it is the whole page, else 2.</summary>
    [Parameter]
    public int Level { get; set; } = 2;

    /// <summary>What to do: a button or a link.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }
}
