using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Reclaiming;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// For a tenant whose database lost the portal's marker: what happened, its consequences, and the button to reclaim it.
/// </summary>
public sealed partial class ReclaimNotice(TenantReclaiming reclaiming, PageDialogs dialogs)
{
    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private Task<bool> ReclaimAsync()
    {
        // The page may show another tenant by the time the dialog is answered.
        var (id, name) = (Tenant.Id, Tenant.DisplayName);
        var question = new ConfirmRequest(T["ReclaimTitle", name], T["ReclaimEffect"], T["Reclaim"])
        {
            Subject = name, AsksText = true, TextRequired = true, Draft = DraftName.Of(Actor, "reclaim", id),
        };
        return dialogs.ConfirmAsync(
            question, answer => reclaiming.ReclaimAsync(Actor, id, answer.ReasonText, CancellationToken.None));
    }
}
