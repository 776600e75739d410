using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The actions that remove a tenant. Withdrawing keeps all data. Deleting permanently does not.</summary>
public sealed partial class TenantDanger(
    TenantDeletion deletion, TenantActivation activation, PageDialogs dialogs, PageNotices notices)
{
    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private string Name => Tenant.DisplayName;

    /// <summary>The reason why these actions are not possible now.</summary>
    private string? Refusal =>
        (TenantAction.Delete.ExplainRefusal(Tenant.Row)
            ?? (!Tenant.IsManaged && Tenant.Condition != DatabaseCondition.Missing ? new Message("tenant_unmanaged") : null)) is { } reason
            ? Say(reason) : null;

    private static string Say(Message message) => $"{message.Render()} {message.RenderAdvice()}";

    private async Task WithdrawAsync()
    {
        var answer = await dialogs.ConfirmAsync(
            new ConfirmRequest(T["WithdrawTitle", Name], T["WithdrawEffect"], T["WithdrawAction"])
            {
                Destructive = true, Reasons = TenantWords.Reasons(T), AsksText = true, CodeThatNeedsText = "otro",
            });
        if (answer is null)
        {
            return;
        }

        try
        {
            var result = await activation.WithdrawAsync(
                Actor, Tenant.Id, answer.ReasonCode, answer.ReasonText, CancellationToken.None);
            notices.Say(result.Changed ? T["Withdrawn", Name] : NoteAbout(Name, T["AlreadySo"]));
        }
        catch (RuleException refusal)
        {
            Refuse(notices, Name, refusal);
        }
    }

    private async Task ConvertAsync()
    {
        var done = await dialogs.AskAsync<ConversionDialog, bool>(new DialogParameters<ConversionDialog>
        {
            { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor },
        });
        if (done)
        {
            notices.Say(T["Converted", Name]);
        }
    }

    private async Task CorrectRucAsync() =>
        await dialogs.AskAsync<RucDialog,
        bool>(new DialogParameters<RucDialog> { { dialog => dialog.Tenant, Tenant },
        { dialog => dialog.Actor, Actor } });

    private async Task DeleteAsync()
    {
        var started = await dialogs.AskAsync<HardDeleteDialog, Guid>(new DialogParameters<HardDeleteDialog>
        {
            { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor },
        });
        if (started != Guid.Empty)
        {
            notices.Say(T[deletion.NeedsSecondPerson(Tenant.MayGoAtOnce) ? "DeleteAsked" : "DeleteStarted", Name]);
        }
    }
}
