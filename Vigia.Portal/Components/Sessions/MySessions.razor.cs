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
    private Guid? _current;

    protected override async Task OnInitializedAsync()
    {
        _current = await session.SignInAsync();
        await ReadAsync();
    }

    private Task ReadAsync() => ReadAsync(
        _reading, async until => await sessions.MineAsync(await session.ActorAsync(), until),
        mine => _sessions = [.. mine.OrderByDescending(one => one.Id == _current)]);

    private Task EndAsync(SignInSession one) => TryAsync(async actor =>
        notices.Say(T[await sessions.EndAsync(actor, one.Id, CancellationToken.None) ? "Ended" : "EndedAlready"]));

    private async Task EndOthersAsync()
    {
        var request = new ConfirmRequest(
            T["EndOthersTitle"], T["EndOthersText", _sessions!.Count - 1], T["EndOthers"])
        { Destructive = true };
        if (_current is { } current)
        {
            await dialogs.ConfirmAsync(request, async _ => notices.Say(T["EndedMany",
                await sessions.EndOthersAsync(await session.ActorAsync(), current, CancellationToken.None)]));
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
