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
    ChangeFeed feed, OperationService operations, StaffSession session) : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private Actor? _actor;
    private bool _paused;

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        Watch(ChangeTopic.Work, _ => ReadAsync());
        await ReadAsync();
    }

    private Task ReadAsync() =>
        ReadAsync(_reading, until => operations.AreWorkersPausedAsync(_actor!, until), paused => _paused = paused);
}
