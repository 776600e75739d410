using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.Layout;

/// <summary>The menu: always visible on a wide screen, an overlay on a narrow one.</summary>
public sealed partial class NavMenu(StaffSession session)
{
    [Parameter]
    public bool Open { get; set; }

    [Parameter]
    public EventCallback OnClose { get; set; }

    // The menu leaves out the entries that the person may not use.
    private Actor? Person { get; set; }

    protected override async Task OnInitializedAsync() => Person = await session.ActorAsync();

    private Task CloseOnEscapeAsync(KeyboardEventArgs e) =>
        Open && e.Key == "Escape" ? OnClose.InvokeAsync() : Task.CompletedTask;
}
