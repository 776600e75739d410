using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>The actions of an administrator on another person's account, at the top of its page.</summary>
public sealed partial class MemberActions(StaffProtection protection, PageDialogs dialogs, PageNotices notices)
{
    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public EventCallback OnChanged { get; set; }

    private StaffSummary Member => Details.Member;

    private bool IsShut => Member.State is StaffState.Disabled or StaffState.AccessOver;

    private async Task RenewAsync()
    {
        await dialogs.AskAsync<LinkDialog, object>(
            new DialogParameters<LinkDialog> { { d => d.Member, Member }, { d => d.Actor, Actor } });
        await OnChanged.InvokeAsync();
    }

    private async Task ChangeAccessAsync()
    {
        var enables = IsShut;
        if (await dialogs.AskAsync<AccessDialog, StaffOutcome>(
            new DialogParameters<AccessDialog> { { d => d.Details, Details }, { d => d.Actor, Actor } }) is { } outcome)
        {
            notices.Say(TeamWords.OutcomeText(outcome, T[enables ? "Enabled" : "AccessChanged", Member.FullName], T));
            await OnChanged.InvokeAsync();
        }
    }

    private async Task RenameAsync()
    {
        if (await dialogs.AskAsync<RenameDialog, bool>(
            new DialogParameters<RenameDialog> { { d => d.Member, Member }, { d => d.Actor, Actor } }))
        {
            notices.Say(NoteAbout(Member.FullName, T["Renamed"]));
            await OnChanged.InvokeAsync();
        }
    }

    private async Task UnlockAsync()
    {
        var request = new SignedRequest(
            T["UnlockTitle", Member.FullName], T["UnlockEffect"], T["Unlock"], _ => StaffSigned.Unlock(Member.Id),
            "sign_staff_unlock", TeamWords.WhatIsSigned(Member.FullName, Member.Email, null, T),
            async (_, proof) =>
            {
                await protection.UnlockAsync(Actor, Member.Id, proof, CancellationToken.None);
                return StaffOutcome.Done;
            });
        if (await dialogs.AskAsync<SignedDialog, StaffOutcome>(
            new DialogParameters<SignedDialog> { { d => d.Request, request }, { d => d.Actor, Actor } }) is not null)
        {
            notices.Say(T["Unlocked", Member.FullName]);
        }

        await OnChanged.InvokeAsync();
    }
}
