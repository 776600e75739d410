using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Deletion;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>What takes a client away: withdrawing keeps everything, deleting for good does not.</summary>
public sealed partial class TenantDanger
{

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private TenantDeletion Deletion { get; set; } = default!;

    [Inject]
    private TenantActivation Activation { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private string Name => Tenant.Row.LegalName ?? Tenant.Row.Subdomain ?? "";

    /// <summary>Why nothing here can be done now.</summary>
    private string? Refusal => Tenant.Row.State is TenantState.Provisioning or TenantState.Deleting
        ? $"{new Message("not_ready").Render()} {new Message("not_ready").RenderAdvice()}"
        : Tenant.Row.State == TenantState.Unmanaged ? new Message("tenant_unmanaged").Render() : null;

    private async Task WithdrawAsync()
    {
        var answer = await Page.ConfirmAsync(new ConfirmRequest(T["WithdrawTitle", Name], T["WithdrawEffect"], T["WithdrawAction"])
        {
            Destructive = true, Reasons = TenantWords.Reasons(T), AsksText = true, CodeThatNeedsText = "otro",
        });
        if (answer is null)
        {
            return;
        }

        try
        {
            var result = await Activation.WithdrawAsync(Actor, Tenant.Id, answer.ReasonCode, answer.ReasonText, Ending);
            Page.Say(result.Changed ? T["Withdrawn", Name] : T["AlreadySo"]);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
    }

    private async Task CorrectRucAsync() =>
        await Page.AskAsync<RucDialog, bool>(new DialogParameters<RucDialog> { { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor } });

    private async Task DeleteAsync()
    {
        var started = await Page.AskAsync<HardDeleteDialog, Guid>(new DialogParameters<HardDeleteDialog>
        {
            { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor },
        });
        if (started != Guid.Empty)
        {
            Page.Say(T[Deletion.NeedsSecondPerson(Tenant.Row) ? "DeleteAsked" : "DeleteStarted", Name]);
        }
    }
}
