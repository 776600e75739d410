using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// The four ways of ending a tenant side by side, the mildest first, each with its effects, the data that stays, and
/// the way back. Ways that the person may not use are left out. A way that is not possible now says why.
/// </summary>
public sealed partial class TenantEndings(
    TenantDeletion deletion, TenantActivation activation, PageDialogs dialogs, PageNotices notices)
{
    private sealed record Way(string Name, string Tone, string Icon, string? Refusal, Func<Task> ActAsync);

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private string Name => Tenant.DisplayName;

    private int Days => deletion.DefaultRetention;

    private IEnumerable<Way> Ways
    {
        get
        {
            if (Actor.May(TenantAction.Suspend.Right))
            {
                yield return new Way("Suspend", "tone-quiet", Icons.Material.Outlined.PauseCircle,
                    Explain(TenantAction.Suspend), SuspendAsync);
            }

            if (Actor.May(TenantAction.Withdraw.Right))
            {
                yield return new Way("Withdraw", "tone-quiet", Icons.Material.Outlined.RemoveCircleOutline,
                    Explain(TenantAction.Withdraw), WithdrawAsync);
            }

            if (Actor.May(TenantAction.Delete.Right))
            {
                yield return new Way("Trash", "tone-warning", Icons.Material.Outlined.DeleteOutline, WhyNotDelete,
                    () => DeleteAsync(atOnce: false));
                yield return new Way("Destroy", "tone-bad", Icons.Material.Outlined.DeleteForever,
                    WhyNotDelete ?? (Tenant.MayGoAtOnce ? null : T["DestroyFromTrash", Days].Value),
                    () => DeleteAsync(atOnce: true));
            }
        }
    }

    private string? WhyNotDelete => Explain(TenantAction.Delete);

    private string? Explain(TenantAction action) =>
        action.ExplainRefusal(Tenant.Standing) is { } reason ? TextOf(reason) : null;

    private static string TextOf(Message message) => $"{message.Render()} {message.RenderAdvice()}".TrimEnd();

    private Task<bool> SuspendAsync() => AskAsync(
        TenantWords.AskSuspension(Actor, Tenant, T), "Suspended",
        answer => activation.SuspendAsync(
            Actor, Tenant.Id, answer.ReasonCode, answer.ReasonText, CancellationToken.None));

    private Task<bool> WithdrawAsync() => AskAsync(
        TenantWords.AskWithdrawal(Actor, Tenant, T), "Withdrawn",
        answer => activation.WithdrawAsync(
            Actor, Tenant.Id, answer.ReasonCode, answer.ReasonText, CancellationToken.None));

    private Task<bool> AskAsync(
        ConfirmRequest question, string done, Func<ConfirmAnswer, Task<ToggleResult>> actAsync) =>
        dialogs.ConfirmAsync(
            question,
            async answer => notices.Say(
                (await actAsync(answer)).Changed ? T[done, Name] : NoteAbout(Name, T["AlreadySo"])));

    private async Task DeleteAsync(bool atOnce)
    {
        var started = await dialogs.AskAsync<DeleteDialog, Guid>(new DialogParameters<DeleteDialog>
        {
            { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor },
            { dialog => dialog.AtOnce, atOnce },
        });
        if (started != Guid.Empty)
        {
            notices.Say(T[atOnce ? "DestroyStarted"
                : deletion.NeedsSecondPerson(Tenant.MayGoAtOnce) ? "DeleteAsked" : "DeleteStarted", Name]);
        }
    }
}
