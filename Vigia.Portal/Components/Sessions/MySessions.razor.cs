using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Sessions;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Sessions;

/// <summary>The sessions of the signed-in person, with a way to end them. Usable on any page of a circuit.</summary>
public sealed partial class MySessions
{
    private readonly LatestRead _reading = new();
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

    private Task ReadAsync() => ReadAsync(
        _reading, async until => await Sessions.MineAsync(await Session.ActorAsync(), until),
        mine => _sessions = [.. mine.OrderByDescending(session => session.Id == _current)]);

    private bool IsLocked(SignInSession session) =>
        session.LockedAt is not null || session.LastInputAt + Gate.LockAfter <= Page.Time.GetUtcNow();

    private Task EndAsync(SignInSession session) => TryAsync(async actor =>
        Page.Say(T[await Sessions.EndAsync(actor, session.Id, CancellationToken.None) ? "Ended" : "EndedAlready"]));

    private async Task EndOthersAsync()
    {
        var request = new ConfirmRequest(
            T["EndOthersTitle"], T["EndOthersText", _sessions!.Count - 1], T["EndOthers"])
        { Destructive = true };
        if (await Page.ConfirmAsync(request) is not null && _current is { } current)
        {
            await TryAsync(async actor =>
                Page.Say(T["EndedMany", await Sessions.EndOthersAsync(actor, current, CancellationToken.None)]));
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
