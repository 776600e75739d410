using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// The filters of a list. On a narrow window they are behind one button, which says how many are set, so that the rows
/// come first. On a wide window they are always there.
/// </summary>
public sealed partial class ListFilters
{
    private bool _isOpen;

    /// <summary>The number of filters that are set.</summary>
    [Parameter, EditorRequired]
    public int Count { get; set; }

    [Parameter, EditorRequired]
    public RenderFragment ChildContent { get; set; } = default!;
}
