using Microsoft.AspNetCore.Components;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Sessions;

/// <summary>Where the signed-in person is signed in, and how to end that. Stands on any page of a circuit.</summary>
public sealed partial class MySessions
{
    private IReadOnlyList<SignInSession>? _sessions;
    private Guid? _current;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private StaffSessions Sessions { get; set; } = default!;

    [Inject]
    private SessionGate Gate { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        _current = await Session.SignInAsync();
        await ReadAsync();
    }

    private async Task ReadAsync()
    {
        var mine = await Sessions.MineAsync(await Session.ActorAsync(), Ending);
        _sessions = [.. mine.OrderByDescending(session => session.Id == _current)];
    }

    private bool IsLocked(SignInSession session) => session.LockedAt is not null || session.LastInputAt + Gate.LockAfter <= Page.Time.GetUtcNow();

    private Task EndAsync(SignInSession session) => TryAsync(async actor =>
        Page.Say(T[await Sessions.EndAsync(actor, session.Id, Ending) ? "Ended" : "EndedAlready"]));

    private async Task EndOthersAsync()
    {
        var request = new ConfirmRequest(T["EndOthersTitle"], T["EndOthersText", _sessions!.Count - 1], T["EndOthers"]) { Destructive = true };
        if (await Page.ConfirmAsync(request) is not null && _current is { } current)
        {
            await TryAsync(async actor => Page.Say(T["EndedMany", await Sessions.EndOthersAsync(actor, current, Ending)]));
        }
    }

    private async Task TryAsync(Func<Actor, Task> act)
    {
        try
        {
            await act(await Session.ActorAsync());
        }
        catch (RuleException refused)
        {
            Page.Refuse(refused);
        }

        await ReadAsync();
    }
}
