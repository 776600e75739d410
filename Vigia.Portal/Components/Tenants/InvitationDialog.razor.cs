using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Mail;
using Vigia.Core.Provisioning;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>Makes the first administrator's one-time link and the finished message for the client; the link is shown this once (facts 7.18).</summary>
public sealed partial class InvitationDialog
{
    private MudButton? _primary;
    private Invitation? _invitation;
    private string? _reason;
    private string? _error;
    private bool _isRecovery;
    private bool _copied;
    private bool _moveFocus = true;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private TenantInvitations Invitations { get; set; } = default!;

    [Inject]
    private Outbox Outbox { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private string MessageText => T[
        "MessageText", Tenant.Row.ContactName ?? T["MessageCustomer"], Tenant.Url ?? "", _invitation!.SentTo, LimaTime.Exact(_invitation.ExpiresAt), _invitation.Url ?? ""];

    protected override async Task OnInitializedAsync() =>
        _isRecovery = (await Invitations.LastAsync(Actor, Tenant.Id, Ending))?.UsedAt is not null;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_moveFocus && _primary is not null)
        {
            _moveFocus = false;
            await _primary.FocusAsync();
        }
    }

    private async Task MintAsync()
    {
        try
        {
            _invitation = await Invitations.InviteAsync(Actor, Tenant.Id, _reason, Ending);
            (_error, _isRecovery, _moveFocus) = (null, false, true);
        }
        catch (InvalidInputException invalid)
        {
            _error = invalid.Errors.Values.First()[0].Render();
            _isRecovery = true;
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
            Dialog.Cancel();
        }
    }

    private async Task CopyAsync() => _copied = await Page.JS.InvokeAsync<bool>("vigia.copy", Ending, MessageText);
}
