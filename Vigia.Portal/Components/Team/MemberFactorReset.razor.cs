using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>Resets the second factor of a person who lost it.</summary>
public sealed partial class MemberFactorReset(
    StaffRequests requests, StaffProtection protection, PageDialogs dialogs, PageNotices notices)
{
    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public EventCallback OnChanged { get; set; }

    private StaffSummary Member => Details.Member;

    private bool IsMe => Actor.StaffId == Member.Id;

    private bool HasFactor => Member.HasSecondFactor || Member.Passkeys > 0;

    private async Task ResetFactorAsync()
    {
        var way = await WhileHereAsync(
            requests.FindWayAsync(Actor, StaffRequestKind.ResetSecondFactor, Member.Id, null, Ending));
        await SignAsync(new SignedRequest(
            T["ResetFactorTitle", Member.FullName], T["ResetFactorEffect"],
            T[way == StaffWay.AtOnce ? "ResetFactorAction" : "AskAction"],
            reason => StaffSigned.ResetSecondFactor(Member.Id, reason), "sign_staff_second_factor",
            TeamWords.WhatIsSigned(Member.FullName, Member.Email, null, T),
            (reason, proof) => protection.ResetSecondFactorAsync(
                Actor, Member.Id, reason ?? "", proof, CancellationToken.None))
        {
            Destructive = true, AsksReason = true, Way = way,
            Draft = DraftName.Of(Actor, "factor-reset", Member.Id),
        }, T["FactorReset", Member.FullName]);
    }

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
