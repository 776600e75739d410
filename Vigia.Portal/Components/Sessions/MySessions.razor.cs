using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Sessions;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Sessions;

/// <summary>The sessions of the signed-in person, with a way to end them. Usable on any page of a circuit.</summary>
public sealed partial class MySessions(
    StaffSession session, StaffSessions sessions, SessionGate gate, PageServices page)
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
        mine => _sessions = [.. mine.OrderByDescending(session => session.Id == _current)]);

    private bool IsLocked(SignInSession session) =>
        session.LockedAt is not null || session.LastInputAt + gate.LockAfter <= page.Time.GetUtcNow();

    private Task EndAsync(SignInSession session) => TryAsync(async actor =>
        page.Say(T[await sessions.EndAsync(actor, session.Id, CancellationToken.None) ? "Ended" : "EndedAlready"]));

    private async Task EndOthersAsync()
    {
        var request = new ConfirmRequest(
            T["EndOthersTitle"], T["EndOthersText", _sessions!.Count - 1], T["EndOthers"])
        { Destructive = true };
        if (await page.ConfirmAsync(request) is not null && _current is { } current)
        {
            await TryAsync(async actor =>
                page.Say(T["EndedMany", await sessions.EndOthersAsync(actor, current, CancellationToken.None)]));
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
            page.Refuse(refused);
        }

        await ReadAsync();
    }
}
