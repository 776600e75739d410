using Microsoft.AspNetCore.Components;
using Vigia.Core.Registry.Master;

namespace Vigia.Portal.Components.Shared;

/// <summary>Turns the pages of a list: first, previous, next, last, and which rows are shown.</summary>
public sealed partial class ListPager<T>
{
    [Parameter, EditorRequired]
    public ListPage<T> Page { get; set; } = default!;

    [Parameter, EditorRequired]
    public EventCallback<ListTurn> OnTurn { get; set; }

    /// <summary>The name of the pager for screen readers; null for the usual one.</summary>
    [Parameter]
    public string? Label { get; set; }

    /// <summary>The text of the button to the page before; null for the usual one.</summary>
    [Parameter]
    public string? Previous { get; set; }

    /// <summary>The text of the button to the page after; null for the usual one.</summary>
    [Parameter]
    public string? Next { get; set; }

    /// <summary>Content before the range, such as the choice of the size.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    private string Range
    {
        get
        {
            var total = ListTurns.TotalText(Texts, Page);
            if (Page.Page < 0)
            {
                return Page.Page == -1 ? Texts["PagerAtEnd", total] : Texts["PagerFromEnd", -Page.Page, total];
            }

            var first = ((Page.Page - 1L) * Page.PageSize) + 1;
            return Texts["PagerRange", ListTurns.Number(first), ListTurns.Number(first + Page.Items.Count - 1), total];
        }
    }
}
