using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>The base of components that show whether an administrator has paused all workers.</summary>
public abstract class WorkersStanding(
    PageFeed feed, WorkerSwitch workers, StaffSession session) : FrameComponent(feed)
{
    private readonly LatestRead _reading = new();
    private Actor? _actor;

    /// <summary>Whether all workers are paused.</summary>
    protected bool ArePaused { get; private set; }

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        if (_actor.May(Rights.OperationsView))
        {
            await FollowSharedAsync(ReadAsync, ChangeTopic.Work);
        }
    }

    private Task ReadAsync() => ReadAsync(
        _reading,
        until => Feed.SharedAsync(
            _actor!, new SharedQuestion("workers:paused", null, ChangeTopic.Work),
            reading => workers.AreWorkersPausedAsync(_actor!, reading), until),
        paused => ArePaused = paused);
}
