using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Adoption;

/// <summary>
/// For a tenant whose database was adopted and not completed: what does not hold yet, and the next steps.
/// </summary>
public sealed partial class AdoptionNotice(
    AdoptionFollowUps followUps, PageDialogs dialogs, PageNotices notices)
{
    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private Task<bool> ConfirmAsync()
    {
        // The page may show another tenant by the time the dialog is answered.
        var (id, name) = (Tenant.Id, Tenant.DisplayName);
        return dialogs.ConfirmAsync(
            new ConfirmRequest(T["ConfirmTitle", name], T["ConfirmEffect"], T["Confirm"]) { Subject = name },
            _ => followUps.ConfirmAsync(Actor, id, CancellationToken.None));
    }

    private Task<bool> UndoAsync()
    {
        var (id, name) = (Tenant.Id, Tenant.DisplayName);
        return dialogs.ConfirmAsync(
            new ConfirmRequest(T["UndoTitle", name], T["UndoEffect"], T["Undo"])
            {
                Subject = name, AsksText = true, TextRequired = true,
                Draft = DraftName.Of(Actor, "undo-adoption", id),
            }, answer => followUps.UndoAsync(Actor, id, answer.ReasonText, CancellationToken.None));
    }

    private async Task CompleteAsync()
    {
        var (id, name) = (Tenant.Id, Tenant.DisplayName);
        try
        {
            var triggers = await WhileHereAsync(followUps.PlanCompletionAsync(Actor, id, Ending));
            var effect = T["CompleteEffect", string.Join(", ", triggers.Select(t => $"{t.Table}.{t.Name}")),
                triggers.Count.ToString(CultureInfo.InvariantCulture)];
            await dialogs.ConfirmAsync(
                new ConfirmRequest(T["CompleteTitle", name], effect, T["Complete"]) { Subject = name },
                _ => followUps.CompleteAsync(Actor, id, CancellationToken.None));
        }
        catch (RuleException refusal)
        {
            Refuse(notices, name, refusal);
        }
    }
}
