using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Layout;

/// <summary>The menu: always there on a wide screen, over the page on a narrow one.</summary>
public sealed partial class NavMenu
{
    [Parameter]
    public bool Open { get; set; }

    [Parameter]
    public EventCallback OnClose { get; set; }

    [Inject]
    private StaffSession Session { get; set; } = default!;

    // What one may not do is not there (ux rule 6).
    private Actor? Person { get; set; }

    protected override async Task OnInitializedAsync() => Person = await Session.ActorAsync();

    private Task CloseOnEscapeAsync(KeyboardEventArgs e) => Open && e.Key == "Escape" ? OnClose.InvokeAsync() : Task.CompletedTask;
}
