using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// Creates the one-time link of the first administrator. It is sent to the address on file. A person with the right may
/// instead sign to see it once, inside a message that is ready to send.
/// </summary>
public sealed partial class InvitationDialog(
    PageNotices notices, BrowserCalls browser, TimeProvider time, TenantInvitations invitations, Outbox outbox)
    : FormDialog(notices)
{
    private MudButton? _primary;
    private Invitation? _invitation;
    private string? _reason;
    private bool _isRecovery;
    private bool _shows;
    private bool _needsSignature;
    private bool _copied;
    private bool _moveFocus = true;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Tenant.DisplayName;

    protected override void ShowErrors(InvalidInputException? invalid)
    {
        base.ShowErrors(invalid);
        _isRecovery |= invalid is not null;
    }

    private string MessageText => T[
        "MessageText", Tenant.Row.ContactName ?? T["MessageCustomer"], Tenant.Url ?? "", _invitation!.SentTo,
        LimaTime.Exact(_invitation.ExpiresAt), _invitation.Url ?? ""];

    private bool MayShow => Actor.May(Rights.TenantsInvitationReveal);

    private string SignedDetails => $"{Tenant.Row.LegalName ?? Tenant.Row.Subdomain} · {Tenant.Row.AccessEmail}";

    protected override async Task OnInitializedAsync()
    {
        _shows = !outbox.IsConfigured;
        _isRecovery = (await FetchAsync(until => invitations.LastAsync(Actor, Tenant.Id, until)))?.UsedAt is not null;
        _needsSignature = await FetchAsync(until => invitations.NeedsSignatureAsync(Actor, Tenant.Id, until));
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_moveFocus || _primary is null)
        {
            return;
        }

        _moveFocus = false;
        if (_invitation is null && (_shows || _needsSignature))
        {
            browser.Send("vigia.focus", "invite-password");
        }
        else
        {
            await _primary.FocusAsync();
        }
    }

    private void Show() => (_shows, Proof, ProofError) = (true, null, null);

    private async Task MintAsync()
    {
        await SubmitAsync(async () =>
        {
            var wanted = new NewInvitation(_reason, Proof, Tenant.Row.AccessEmail);
            _invitation = await (_shows ? invitations.RevealAsync(Actor, Tenant.Id, wanted, CancellationToken.None)
                : invitations.InviteAsync(Actor, Tenant.Id, wanted, CancellationToken.None));
            (_isRecovery, _moveFocus) = (false, true);
        });
    }

    private async Task CopyAsync() =>
        _copied = await browser.AskOnceAsync<bool>("vigia.copy", Ending, MessageText);
}
