using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>The top of every page: title, state and actions. It also sets the title of the browser tab.</summary>
public sealed partial class PageHeader(BrowserCalls browser)
{
    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    /// <summary>The title of the tab when it contains more than the page's title, such as state and tenant.</summary>
    [Parameter]
    public string? TabTitle { get; set; }

    /// <summary>The state chip beside the title.</summary>
    [Parameter]
    public RenderFragment? State { get; set; }

    /// <summary>The buttons at the top right. At most one of them is primary.</summary>
    [Parameter]
    public RenderFragment? Actions { get; set; }

    /// <summary>One secondary line under the title.</summary>
    [Parameter]
    public RenderFragment? Below { get; set; }

    /// <summary>Links to neighbouring pages, beside the link back.</summary>
    [Parameter]
    public RenderFragment? Beside { get; set; }

    [Parameter]
    public string? BackHref { get; set; }

    [Parameter]
    public string? BackText { get; set; }

    // The router looks for the heading at the first render. A page that reads data first has none at that time, and the
    // keyboard focus would start at the top of the document.
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            browser.Send("vigia.startAt", "h1");
        }
    }
}
