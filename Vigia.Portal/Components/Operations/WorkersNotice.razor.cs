using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>
/// Says that an administrator has paused all workers. Shown on every page where a person may wait for one.
/// </summary>
public sealed partial class WorkersNotice(
    PageFeed feed, OperationService operations, StaffSession session) : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private Actor? _actor;
    private bool _paused;

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        await FollowSharedAsync(ReadAsync, ChangeTopic.Work);
    }

    private Task ReadAsync() => ReadAsync(
        _reading,
        until => Feed.SharedAsync(
            _actor!, new SharedQuestion("workers.paused", null, ChangeTopic.Work),
            reading => operations.AreWorkersPausedAsync(_actor!, reading), until),
        paused => _paused = paused);
}
