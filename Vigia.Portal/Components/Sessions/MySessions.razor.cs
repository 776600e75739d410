using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Sessions;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Sessions;

/// <summary>The sessions of the signed-in person, with a way to end them. Usable on any page of a circuit.</summary>
public sealed partial class MySessions(
    StaffSession session, StaffSessions sessions, SessionGate gate, PageDialogs dialogs, PageNotices notices)
{
    private readonly LatestRead _reading = new();
    private IReadOnlyList<SignInSession>? _sessions;
    private int _tokens;
    private Guid? _current;

    private int Others => _sessions!.Count(one => one.Id != _current);

    private string EndOthers => T[Others == 0 ? "EndTokens" : _tokens > 0 ? "EndOthersAndTokens" : "EndOthers"];

    protected override async Task OnInitializedAsync()
    {
        _current = await session.SignInAsync();
        await ReadAsync();
    }

    private Task ReadAsync() => ReadAsync(
        _reading, async until =>
        {
            var actor = await session.ActorAsync();
            return (
                Mine: await sessions.ListOwnAsync(actor, until), Tokens: await sessions.CountTokensAsync(actor, until));
        },
        read => (_sessions, _tokens) = ([.. read.Mine.OrderByDescending(one => one.Id == _current)], read.Tokens));

    private Task EndAsync(SignInSession one) => TryAsync(async actor =>
        notices.Say(T[await sessions.EndAsync(actor, one.Id, CancellationToken.None) ? "Ended" : "EndedAlready"]));

    private async Task EndOthersAsync()
    {
        var text = Others == 0 ? "EndTokensText" : _tokens == 0 ? "EndOthersText" : "EndOthersAndTokensText";
        var request = new ConfirmRequest(
            T[Others == 0 ? "EndTokensTitle" : "EndOthersTitle"], T[text, Others, _tokens], EndOthers)
        { Destructive = true };
        if (_current is { } current)
        {
            await dialogs.ConfirmAsync(request, async _ =>
            {
                var ended = await sessions.EndOthersAsync(
                    await session.ActorAsync(), current, CancellationToken.None);
                notices.Say(T["EndedMany", ended.Sessions, ended.Tokens]);
            });
            await ReadAsync();
        }
    }

    private async Task TryAsync(Func<Actor, Task> act)
    {
        try
        {
            await act(await session.ActorAsync());
        }
        catch (RuleException refused)
        {
            notices.Refuse(refused);
        }

        await ReadAsync();
    }
}
