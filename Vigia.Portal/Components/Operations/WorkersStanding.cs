using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>What shows whether an administrator has paused all workers.</summary>
public abstract class WorkersStanding(
    ChangeFeed feed, OperationService operations, StaffSession session) : LiveComponent(feed)
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
            Watch(ChangeTopic.Work, _ => ReadAsync());
            await ReadAsync();
        }
    }

    private Task ReadAsync() =>
        ReadAsync(_reading, until => operations.AreWorkersPausedAsync(_actor!, until), paused => ArePaused = paused);
}
