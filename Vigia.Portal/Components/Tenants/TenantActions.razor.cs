using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The actions at the top of a tenant's page. Actions that the person may not use are left out.</summary>
public sealed partial class TenantActions(
    Outbox outbox, TenantActivation activation, TenantProvisioning provisioning, PageDialogs dialogs,
    PageNotices notices)
{
    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Whether the section below has the primary button of the page.</summary>
    [Parameter]
    public bool IsSecondary { get; set; }

    private Variant Lead => IsSecondary ? Variant.Outlined : Variant.Filled;

    private string Name => Tenant.DisplayName;

    // A person without the right to see the link can only have it sent by mail.
    private bool CanInvite => outbox.IsConfigured || Actor.May(Rights.TenantsInvitationReveal);

    private bool MayInvite => TenantAction.Invite.IsOffered(Actor, Tenant.Standing);

    private bool IsRegisteredOnly => Tenant.Row.State == TenantState.Registered;

    private async Task InviteAsync() => await dialogs.AskAsync<InvitationDialog, object>(
        new DialogParameters<InvitationDialog>
        { { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor } });

    private Task<bool> SuspendAsync() => dialogs.ConfirmAsync(
        TenantWords.AskSuspension(Actor, Tenant, T),
        async answer => ShowResult(
            await activation.SuspendAsync(
                Actor, Tenant.Id, answer.ReasonCode, answer.ReasonText, CancellationToken.None),
            "Suspended"));

    private Task<bool> ReactivateAsync()
    {
        var creates = IsRegisteredOnly;
        var question = creates
            ? new ConfirmRequest(T["ActivateTitle", Name], T["ActivateEffect"], T["ActivateAction"])
            : new ConfirmRequest(T["ReactivateTitle", Name], T["ReactivateEffect"], T["ReactivateAction"]);
        return dialogs.ConfirmAsync(
            question with { Subject = Name },
            async _ => ShowResult(
                await activation.ReactivateAsync(Actor, Tenant.Id, CancellationToken.None),
                creates ? null : "Reactivated"));
    }

    private async Task ProvisionAsync()
    {
        try
        {
            await provisioning.ProvisionAsync(Actor, Tenant.Id, CancellationToken.None);
        }
        catch (RuleException refusal)
        {
            Refuse(notices, Name, refusal);
        }
    }

    private void ShowResult(ToggleResult result, string? done)
    {
        if (!result.Changed)
        {
            notices.Say(NoteAbout(Name, T["AlreadySo"]));
        }
        else if (done is not null)
        {
            notices.Say(T[done, Name]);
        }
    }
}
