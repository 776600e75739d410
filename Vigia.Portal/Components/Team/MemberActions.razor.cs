using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>What an administrator does with somebody else's account, at the top of its page.</summary>
public sealed partial class MemberActions
{
    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public EventCallback OnChanged { get; set; }

    [Inject]
    private StaffSafety Safety { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private StaffSummary Member => Details.Member;

    private bool IsShut => Member.State is StaffState.Disabled or StaffState.AccessOver;

    private async Task RenewAsync()
    {
        await Page.AskAsync<LinkDialog, object>(new DialogParameters<LinkDialog> { { d => d.Member, Member }, { d => d.Actor, Actor } });
        await OnChanged.InvokeAsync();
    }

    private async Task ChangeAccessAsync()
    {
        var enables = IsShut;
        if (await Page.AskAsync<AccessDialog, bool>(new DialogParameters<AccessDialog> { { d => d.Details, Details }, { d => d.Actor, Actor } }))
        {
            Page.Say(T[enables ? "Enabled" : "AccessChanged", Member.FullName]);
            await OnChanged.InvokeAsync();
        }
    }

    private async Task RenameAsync()
    {
        if (await Page.AskAsync<RenameDialog, bool>(new DialogParameters<RenameDialog> { { d => d.Member, Member }, { d => d.Actor, Actor } }))
        {
            Page.Say(T["Renamed"]);
            await OnChanged.InvokeAsync();
        }
    }

    private async Task UnlockAsync()
    {
        try
        {
            await Safety.UnlockAsync(Actor, Member.Id, Ending);
            Page.Say(T["Unlocked", Member.FullName]);
            await OnChanged.InvokeAsync();
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
    }
}
