using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Mail;
using Vigia.Core.Provisioning;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>What can be done with a client at the top of its page; what one may not do is not there.</summary>
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

    private string Name => Tenant.Row.LegalName ?? Tenant.Row.Subdomain ?? "";

    // Who may not see the link needs mail to carry it.
    private bool CanInvite => Outbox.IsConfigured || Actor.May(Rights.TenantsInvitationReveal);

    private bool MayInvite => Tenant.Row.State == TenantState.Ready && Actor.May(Rights.TenantsInvite);

    private bool MayReactivate => Tenant.Row.InactiveKind != InactiveKind.Withdrawn || Actor.May(Rights.TenantsDeleteSoft);

    private async Task InviteAsync() => await Page.AskAsync<InvitationDialog, object>(new DialogParameters<InvitationDialog>
    {
        { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor },
    });

    private async Task SuspendAsync()
    {
        var answer = await Page.ConfirmAsync(new ConfirmRequest(T["SuspendTitle", Name], T["SuspendEffect"], T["SuspendAction"])
        {
            Destructive = true, Reasons = TenantWords.Reasons(T), AsksText = true, CodeThatNeedsText = "otro",
        });
        if (answer is not null)
        {
            await DoAsync(async () => (await Activation.SuspendAsync(Actor, Tenant.Id, answer.ReasonCode, answer.ReasonText, Ending)).Changed, "Suspended");
        }
    }

    private async Task ReactivateAsync()
    {
        var creates = Tenant.Row.State == TenantState.Registered;
        var answer = await Page.ConfirmAsync(creates
            ? new ConfirmRequest(T["ActivateTitle", Name], T["ActivateEffect"], T["ActivateAction"])
            : new ConfirmRequest(T["ReactivateTitle", Name], T["ReactivateEffect"], T["ReactivateAction"]));
        if (answer is not null)
        {
            await DoAsync(async () => (await Activation.ReactivateAsync(Actor, Tenant.Id, Ending)).Changed, creates ? null : "Reactivated");
        }
    }

    private Task ProvisionAsync() => DoAsync(async () => await Provisioning.ProvisionAsync(Actor, Tenant.Id, Ending) != default, null);

    private async Task DoAsync(Func<Task<bool>> action, string? done)
    {
        try
        {
            var changed = await action();
            if (!changed)
            {
                Page.Say(T["AlreadySo"]);
            }
            else if (done is not null)
            {
                Page.Say(T[done, Name]);
            }
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
    }
}
