using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>The sessions of a person and the API tokens that they created. Both can be ended.</summary>
public sealed partial class MemberSessions(StaffProtection protection, PageDialogs dialogs, PageNotices notices)
{
    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public EventCallback OnChanged { get; set; }

    private bool MayManage => Actor.May(Rights.StaffManage);

    // It revokes the tokens as well, so it is needed where only tokens are left.
    private string EndAll => T[Details.Tokens.Count > 0 ? "EndAllAndTokens" : "EndAll"];

    private string Name(TokenSummary token) => token.Name ?? T["TokenOfSignIn"];

    private Task EndAsync(Guid? session) => AskAsync(
        new ConfirmRequest(
            T[session is null ? "EndAllTitle" : "EndTitle", Details.Member.FullName],
            T[session is null ? "EndAllEffect" : "EndEffect"], session is null ? EndAll : T["EndAction"]),
        async () =>
        {
            var ended = await protection.EndSessionsAsync(Actor, Details.Member.Id, session, CancellationToken.None);
            notices.Say(NoteAbout(
                Details.Member.FullName,
                session is null ? T["EndedAll", ended.Sessions, ended.Tokens] : T["Ended", ended.Sessions]));
        });

    private Task RevokeAsync(TokenSummary token) => AskAsync(
        new ConfirmRequest(T["RevokeTitle", Name(token)], T["RevokeEffect"], T["RevokeAction"]),
        async () =>
        {
            await protection.RevokeTokenAsync(Actor, Details.Member.Id, token.Id, CancellationToken.None);
            notices.Say(NoteAbout(Details.Member.FullName, T["Revoked", Name(token)]));
        });

    private async Task AskAsync(ConfirmRequest question, Func<Task> actAsync)
    {
        await dialogs.ConfirmAsync(
            question with { Subject = Details.Member.FullName, Destructive = true }, _ => actAsync());
        await OnChanged.InvokeAsync();
    }
}
