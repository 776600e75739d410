using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Vigia.Portal.Components.Layout;

/// <summary>The menu: always there on a wide screen, over the page on a narrow one.</summary>
public sealed partial class NavMenu
{
    [Parameter]
    public bool Open { get; set; }

    [Parameter]
    public EventCallback OnClose { get; set; }

    private Task CloseOnEscapeAsync(KeyboardEventArgs e) => Open && e.Key == "Escape" ? OnClose.InvokeAsync() : Task.CompletedTask;
}
