using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Operations;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>
/// Disables an account. Before that, it lists what the person holds and what will happen to it.
/// </summary>
public sealed partial class MemberDisabling(
    StaffDirectory directory, StaffChanges changes, PageDialogs dialogs, PageNotices notices)
{
    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public EventCallback OnChanged { get; set; }

    private StaffSummary Member => Details.Member;

    private bool IsMe => Actor.StaffId == Member.Id;

    private string? WhyNotDisable => IsMe ? T["NotOnesOwn"].Value
        : Details.IsLastAdministrator
            ? $"{new Message("staff_last_administrator").Render()} "
                + $"{new Message("staff_last_administrator").RenderAdvice()}"
        : null;

    private async Task DisableAsync()
    {
        var holdings = await WhileHereAsync(directory.HoldingsAsync(Actor, Member.Id, Ending));
        await SignAsync(new SignedRequest(
            T["DisableTitle", Member.FullName], T["DisableEffect"], T["DisableAction"],
            reason => StaffSigned.Disable(Member.Id, reason), "sign_staff_disable",
            TeamWords.WhatIsSigned(Member.FullName, Member.Email, null, T),
            async (reason, proof) =>
            {
                await changes.DisableAsync(Actor, Member.Id, reason ?? "", proof, CancellationToken.None);
                return StaffOutcome.Done;
            })
        {
            Destructive = true, AsksReason = true, Draft = DraftName.Of(Actor, "disable", Member.Id),
            DetailsTitle = T["HoldsTitle"], Details = [.. HoldingLines(holdings)],
        }, T["DisabledNow", Member.FullName]);
    }

    private IEnumerable<string> HoldingLines(StaffHoldings holdings)
    {
        yield return holdings.Sessions switch
        {
            0 => T["HoldsNoSession"],
            1 => T["HoldsSession"],
            var many => T["HoldsSessions", many]
        };
        yield return holdings.Tokens.Count == 0 ? T["HoldsNoToken"].Value
            : T["HoldsTokens", string.Join(
            ", ", holdings.Tokens.Select(t => $"{t.Name ?? T["TokenOfSignIn"]} ({t.Prefix}…)"))].Value;
        yield return holdings.Approvals.Count == 0 ? T["HoldsNoApproval"].Value
            : T["HoldsApprovals", Named(holdings.Approvals)].Value;
        yield return holdings.Operations.Count == 0 ? T["HoldsNoOperation"].Value
            : T["HoldsOperations", Named(holdings.Operations)].Value;
    }

    private string Named(IEnumerable<AskedFor> asked) =>
        string.Join(", ", asked.Select(
        a => $"{OperationWords.Kind(a.Kind, OperationTexts)}{(a.TenantName is { } on ? $" ({on})" : null)}"));

    private async Task SignAsync(SignedRequest request, string done)
    {
        if (await dialogs.AskAsync<SignedDialog, StaffOutcome>(
            new DialogParameters<SignedDialog> { { d => d.Request, request }, { d => d.Actor, Actor } }) is { } outcome)
        {
            notices.Say(TeamWords.OutcomeText(outcome, done, T));
        }

        await OnChanged.InvokeAsync();
    }
}
