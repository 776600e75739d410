using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Layout;
using Vigia.Portal.Components.Sessions;

namespace Vigia.Portal.Components;

/// <summary>
/// The document. Pages run on the circuit without prerendering (a page would else ask the database twice and lose what was typed in
/// between); account pages are plain requests and load neither MudBlazor's style sheet nor Blazor's script.
/// </summary>
public sealed partial class App
{
    private static readonly InteractiveServerRenderMode Circuit = new(prerender: false);

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    private bool Interactive => HttpContext.AcceptsInteractiveRouting();

    private IComponentRenderMode? PageRenderMode => Interactive ? Circuit : null;

    // Of somebody who is signed in: what they see can lock.
    private bool Lockable => HttpContext.Features.Get<SessionStanding>() is not null;

    private bool HasLockScreen => Lockable && HttpContext.GetEndpoint()?.Metadata.GetMetadata<WhileLockedAttribute>() is null;

    private bool DarkMode => Preferences.IsDark(HttpContext.Request);
}
