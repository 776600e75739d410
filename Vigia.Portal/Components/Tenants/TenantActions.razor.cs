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

    private string Name => Tenant.DisplayName;

    // A person without the right to see the link can only have it sent by mail.
    private bool CanInvite => outbox.IsConfigured || Actor.May(Rights.TenantsInvitationReveal);

    private bool MayInvite => TenantAction.Invite.IsOffered(Actor, Tenant.Row);

    private bool IsRegisteredOnly => Tenant.Row.State == TenantState.Registered;

    private async Task InviteAsync() => await dialogs.AskAsync<InvitationDialog,
    object>(new DialogParameters<InvitationDialog>
    {
        { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor },
    });

    private async Task SuspendAsync()
    {
        var answer = await dialogs.ConfirmAsync(TenantWords.AskSuspension(Actor, Tenant, T));
        if (answer is not null)
        {
            await DoAsync(
                async () => (await activation.SuspendAsync(
                    Actor, Tenant.Id, answer.ReasonCode, answer.ReasonText, CancellationToken.None)).Changed,
                "Suspended");
        }
    }

    private async Task ReactivateAsync()
    {
        var creates = IsRegisteredOnly;
        var answer = await dialogs.ConfirmAsync(creates
            ? new ConfirmRequest(T["ActivateTitle", Name], T["ActivateEffect"], T["ActivateAction"])
            : new ConfirmRequest(T["ReactivateTitle", Name], T["ReactivateEffect"], T["ReactivateAction"]));
        if (answer is not null)
        {
            await DoAsync(
                async () => (await activation.ReactivateAsync(Actor, Tenant.Id, CancellationToken.None)).Changed,
                creates ? null : "Reactivated");
        }
    }

    private Task ProvisionAsync() => DoAsync(
        async () => await provisioning.ProvisionAsync(Actor, Tenant.Id, CancellationToken.None) != default, null);

    private async Task DoAsync(Func<Task<bool>> action, string? done)
    {
        try
        {
            var changed = await action();
            if (!changed)
            {
                notices.Say(NoteAbout(Name, T["AlreadySo"]));
            }
            else if (done is not null)
            {
                notices.Say(T[done, Name]);
            }
        }
        catch (RuleException refusal)
        {
            Refuse(notices, Name, refusal);
        }
    }
}
