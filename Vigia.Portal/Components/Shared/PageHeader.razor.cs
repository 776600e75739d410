using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Vigia.Portal.Components.Shared;

/// <summary>The top of every page: its title, the state of what it shows, what can be done; and the title of the browser's tab.</summary>
public sealed partial class PageHeader
{
    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    /// <summary>The tab's title where it says more than the page's: state and client.</summary>
    [Parameter]
    public string? TabTitle { get; set; }

    /// <summary>State chip beside the title.</summary>
    [Parameter]
    public RenderFragment? State { get; set; }

    /// <summary>Buttons at the top right; at most one of them primary.</summary>
    [Parameter]
    public RenderFragment? Actions { get; set; }

    /// <summary>One quiet line under the title.</summary>
    [Parameter]
    public RenderFragment? Below { get; set; }

    /// <summary>Beside the way back: the ways on.</summary>
    [Parameter]
    public RenderFragment? Beside { get; set; }

    [Parameter]
    public string? BackHref { get; set; }

    [Parameter]
    public string? BackText { get; set; }

    [Inject]
    private IJSRuntime JS { get; set; } = default!;

    // The router looks for a title when the page is first drawn; a page that reads first has none yet, and the keyboard would start at the top.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await JS.InvokeVoidAsync("vigia.startAt", "h1");
        }
    }
}
