using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>Pauses and resumes the workers of all portals. Only people with the right see it.</summary>
public sealed partial class WorkersSwitch(
    PageFeed feed, WorkerSwitch workers, StaffSession session, PageDialogs dialogs, PageNotices notices)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private Actor? _actor;
    private bool? _paused;

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        if (_actor.May(Rights.WorkersPause))
        {
            await FollowSharedAsync(
                () => ReadAsync(until => Feed.SharedAsync(
                    _actor, new SharedQuestion("workers:paused", null, ChangeTopic.Work),
                    reading => workers.AreWorkersPausedAsync(_actor, reading), until)),
                ChangeTopic.Work);
        }
    }

    private Task ReadAsync(Func<CancellationToken, Task<bool>> read) =>
        ReadAsync(_reading, read, paused => _paused = paused);

    private async Task SwitchAsync()
    {
        if (_paused == false)
        {
            var question = new ConfirmRequest(T["PauseTitle"], T["PauseEffect"], T["Pause"])
            {
                Dismiss = T["PauseDismiss"],
            };
            if (!await dialogs.ConfirmAsync(question, _ => PauseAsync(true)))
            {
                return;
            }
        }
        else
        {
            await PauseAsync(false);
        }

        // The change is not notified yet, so the shared answer may be the one from before.
        await ReadAsync(until => workers.AreWorkersPausedAsync(_actor!, until));
    }

    private async Task PauseAsync(bool pause)
    {
        await workers.PauseWorkersAsync(_actor!, pause, CancellationToken.None);
        notices.Say(T[pause ? "Paused" : "Resumed"]);
    }
}
