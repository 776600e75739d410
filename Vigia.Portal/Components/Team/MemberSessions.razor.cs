using Microsoft.AspNetCore.Components;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>Where somebody is signed in, and the tokens they made; both can be ended.</summary>
public sealed partial class MemberSessions
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

    private bool MayManage => Actor.May(Rights.StaffManage);

    private string Name(TokenSummary token) => token.Name ?? T["TokenOfSignIn"];

    private async Task EndAsync(Guid? session)
    {
        var answer = await Page.ConfirmAsync(new ConfirmRequest(T[session is null ? "EndAllTitle" : "EndTitle", Details.Member.FullName], T["EndEffect"], T[session is null ? "EndAll" : "EndAction"]) { Destructive = true });
        if (answer is not null)
        {
            await TryAsync(async () => Page.Say(T["Ended", await Safety.EndSessionsAsync(Actor, Details.Member.Id, session, Ending)]));
        }
    }

    private async Task RevokeAsync(TokenSummary token)
    {
        var answer = await Page.ConfirmAsync(new ConfirmRequest(T["RevokeTitle", Name(token)], T["RevokeEffect"], T["RevokeAction"]) { Destructive = true });
        if (answer is not null)
        {
            await TryAsync(async () =>
            {
                await Safety.RevokeTokenAsync(Actor, Details.Member.Id, token.Id, Ending);
                Page.Say(T["Revoked", Name(token)]);
            });
        }
    }

    private async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }

        await OnChanged.InvokeAsync();
    }
}
