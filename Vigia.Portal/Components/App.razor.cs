using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Vigia.Core.Staff.Sessions;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Sessions;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components;

/// <summary>
/// The HTML document. Pages run on the circuit without prerendering, because prerendering would query the database
/// twice and lose text that was typed before the circuit started. Account pages are plain requests and load neither
/// MudBlazor's style sheet nor Blazor's script.
/// </summary>
public sealed partial class App(OpenPages pages)
{
    private static readonly InteractiveServerRenderMode Circuit = new(prerender: false);

    private static readonly (string File, string Kind)[] FilesOfPages =
    [
        ("_content/MudBlazor/MudBlazor.min.css", "style"), ("css/portal.css", "style"), ("css/lock.css", "style"),
        ("_content/MudBlazor/MudBlazor.min.js", "script"), ("_framework/blazor.web.js", "script"),
        ("js/start.js", "script"), ("js/reconnect.js", "script"), ("js/lock.js", "script"),
    ];

    private PageRoom _room;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    // Whether the page runs on a circuit.
    private bool Interactive => HttpContext.AcceptsInteractiveRouting() && _room == PageRoom.Enough;

    private IComponentRenderMode? PageRenderMode => Interactive ? Circuit : null;

    // Only a signed-in person's pages can be locked.
    private bool Lockable => HttpContext.Features.Get<SessionStanding>() is not null;

    // The scripts keep what a person typed and was told apart from another's.
    private Guid? Person => Lockable ? StaffSession.ActorOf(HttpContext.User, null).StaffId : null;

    private bool HasLockScreen =>
        Lockable && HttpContext.GetEndpoint()?.Metadata.GetMetadata<WhileLockedAttribute>() is null;

    // The sign-in pages, and the few others that a person sees before signing in.
    private bool ExpectsSignIn => !Interactive && !Lockable;

    private bool DarkMode => Preferences.IsDark(HttpContext.Request);

    protected override void OnInitialized()
    {
        _room = HttpContext.AcceptsInteractiveRouting() ? pages.RoomFor(HttpContext.User) : PageRoom.Enough;
        if (_room != PageRoom.Enough)
        {
            HttpContext.Response.StatusCode = _room == PageRoom.PersonHasTooMany
                ? StatusCodes.Status429TooManyRequests : StatusCodes.Status503ServiceUnavailable;
        }
    }
}
