using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Decisions;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Approvals;

/// <summary>
/// A request about an administrator's access: the signed content, its meaning, and the decisions that the viewer may
/// take.
/// </summary>
public sealed partial class StaffRequestCard(
    ApprovalService approvals, Outbox outbox, PageDialogs dialogs, PageNotices notices)
{
    [Parameter, EditorRequired]
    public Approval Approval { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The viewer can't decide: they or the requester recently took part in the other's access.</summary>
    [Parameter]
    public bool IsDependent { get; set; }

    private bool IsOwn => Approval.RequestedBy == Actor.StaffId;

    private StaffRequestContent Asked => StaffRequestContent.Of(Approval);

    private string Title => T["Title_" + Approval.Action, Asked.FullName];

    private Task<bool> ApproveAsync() =>
        dialogs.AskAsync<ApproveDialog, bool>(
            new DialogParameters<ApproveDialog>
            { { dialog => dialog.Approval, Approval }, { dialog => dialog.Actor, Actor } });

    private Task<bool> RefuseAsync()
    {
        var question = new ConfirmRequest(
            T["RefuseStaffTitle", Title], T["RefuseEffect", Approval.RequestedByName], T["Refuse"])
        {
            Subject = Title, AsksText = true, TextRequired = true,
            Draft = DraftName.Of(Actor, "refuse-staff", Approval.Id),
        };
        return dialogs.ConfirmAsync(question, async answer =>
        {
            await approvals.RefuseAsync(Actor, Approval.Id, answer.ReasonText, CancellationToken.None);
            notices.Say(NoteAbout(Title, T["Refused"]));
        });
    }

    private Task<bool> CancelAsync()
    {
        var question = new ConfirmRequest(T["CancelTitle", Asked.FullName], T["CancelEffect"], T["CancelRequest"])
        {
            Subject = Title, Dismiss = T["CancelKeep"],
        };
        return dialogs.ConfirmAsync(question, async _ =>
        {
            await approvals.CancelAsync(Actor, Approval.Id, CancellationToken.None);
            notices.Say(NoteAbout(Title, T["Cancelled"]));
        });
    }
}
