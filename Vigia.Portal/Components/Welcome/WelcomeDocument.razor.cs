using Microsoft.AspNetCore.Components;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Welcome;

/// <summary>
/// The page on a tenant's host where the first administrator sets the password. A document of its own: nothing of the
/// staff's pages is in it, and it needs no circuit.
/// </summary>
public sealed partial class WelcomeDocument
{
    [Parameter, EditorRequired]
    public WelcomeView View { get; set; } = default!;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = default!;

    private bool DarkMode => Preferences.IsDark(HttpContext.Request);

    private string Title => T[$"{View.State}Title"];

    private string Lead => View.State switch
    {
        WelcomeState.Form => T[View.IsRecovery ? "RecoveryLead" : "FormLead", View.LegalName],
        WelcomeState.Done => T["DoneText", View.Email],
        WelcomeState.Gone => T["GoneText", (int)TenantInvitations.Lifetime.TotalHours],
        _ => T[$"{View.State}Text"],
    };
}
