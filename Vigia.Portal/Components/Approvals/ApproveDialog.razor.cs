using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Decisions;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Approvals;

/// <summary>
/// Asks the second person for a signature. The safe choice has the focus. Closes with true when it was given.
/// </summary>
public sealed partial class ApproveDialog(PageNotices notices, ApprovalService approvals) : FormDialog(notices)
{
    private MudButton? _cancel;

    [Parameter, EditorRequired]
    public Approval Approval { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Signed;

    protected override IEnumerable<string> Missing => Lacking((IsSigned, Shared["Signature"]));

    protected override void ShowErrors(InvalidInputException? invalid)
    {
        if (invalid is not null)
        {
            Refuse(Notices, Subject, new RuleException(invalid.Errors.Values.First()[0]));
            Dialog.Cancel();
        }
    }

    private string Title => Approval.ConcernsStaff
        ? T["ApproveStaffTitle", T["Title_" + Approval.Action, StaffRequestContent.Of(Approval).FullName].Value]
        : T["ApproveTitle", Approval.LegalName ?? ""];

    private string Signed => Approval.ConcernsStaff && StaffRequestContent.Of(Approval) is var asked
        ? $"{T["Title_" + Approval.Action, asked.FullName]} · {asked.Email}"
        : $"{Approval.LegalName} · {Approval.Subdomain}";

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private async Task ApproveAsync()
    {
        if (!IsComplete)
        {
            return;
        }

        await SubmitAsync(async () =>
        {
            await approvals.ApproveAsync(Actor, Approval.Id, null, Proof!, CancellationToken.None);
            Notices.Say(NoteAbout(Signed, T[Approval.ConcernsStaff ? "ApprovedStaff" : "Approved"]));
            Dialog.Close(DialogResult.Ok(true));
        });
    }
}
