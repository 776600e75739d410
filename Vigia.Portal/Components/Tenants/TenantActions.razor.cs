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
public sealed partial class TenantActions
{

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private Outbox Outbox { get; set; } = default!;

    [Inject]
    private TenantActivation Activation { get; set; } = default!;

    [Inject]
    private TenantProvisioning Provisioning { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private string Name => Tenant.DisplayName;

    // A person without the right to see the link can only have it sent by mail.
    private bool CanInvite => Outbox.IsConfigured || Actor.May(Rights.TenantsInvitationReveal);

    private bool MayInvite => TenantAction.Invite.IsOffered(Actor, Tenant.Row);

    private bool IsRegisteredOnly => Tenant.Row.State == TenantState.Registered;

    private async Task InviteAsync() => await Page.AskAsync<InvitationDialog,
    object>(new DialogParameters<InvitationDialog>
    {
        { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor },
    });

    private async Task SuspendAsync()
    {
        var answer = await Page.ConfirmAsync(
            new ConfirmRequest(T["SuspendTitle", Name], T["SuspendEffect"], T["SuspendAction"])
            {
                Destructive = true, Reasons = TenantWords.Reasons(T), AsksText = true, CodeThatNeedsText = "otro",
            });
        if (answer is not null)
        {
            await DoAsync(
                async () => (await Activation.SuspendAsync(
                    Actor, Tenant.Id, answer.ReasonCode, answer.ReasonText, CancellationToken.None)).Changed,
                "Suspended");
        }
    }

    private async Task ReactivateAsync()
    {
        var creates = IsRegisteredOnly;
        var answer = await Page.ConfirmAsync(creates
            ? new ConfirmRequest(T["ActivateTitle", Name], T["ActivateEffect"], T["ActivateAction"])
            : new ConfirmRequest(T["ReactivateTitle", Name], T["ReactivateEffect"], T["ReactivateAction"]));
        if (answer is not null)
        {
            await DoAsync(
                async () => (await Activation.ReactivateAsync(Actor, Tenant.Id, CancellationToken.None)).Changed,
                creates ? null : "Reactivated");
        }
    }

    private Task ProvisionAsync() => DoAsync(
        async () => await Provisioning.ProvisionAsync(Actor, Tenant.Id, CancellationToken.None) != default, null);

    private async Task DoAsync(Func<Task<bool>> action, string? done)
    {
        try
        {
            var changed = await action();
            if (!changed)
            {
                Page.Say(NoteAbout(Name, T["AlreadySo"]));
            }
            else if (done is not null)
            {
                Page.Say(T[done, Name]);
            }
        }
        catch (RuleException refusal)
        {
            Refuse(Page, Name, refusal);
        }
    }
}
