using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Approvals;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Approvals;

/// <summary>The second person's signature. The safe choice has the focus; closes with true when it was given.</summary>
public sealed partial class ApproveDialog
{
    private MudButton? _cancel;
    private string? _password;
    private string? _error;
    private bool _busy;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public Approval Approval { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private ApprovalService Approvals { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _cancel is not null)
        {
            await _cancel.FocusAsync();
        }
    }

    private async Task ApproveAsync()
    {
        if (_busy || string.IsNullOrEmpty(_password))
        {
            return;
        }

        _busy = true;
        try
        {
            await Approvals.ApproveAsync(Actor, Approval.Id, null, _password, Ending);
            Page.Say(T["Approved"]);
            Dialog.Close(DialogResult.Ok(true));
        }
        catch (RuleException refusal) when (Reauthentication.IsRefusal(refusal))
        {
            (_error, _password) = (refusal.Reason.Render(), null);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
            Dialog.Cancel();
        }
        finally
        {
            _busy = false;
        }
    }
}
