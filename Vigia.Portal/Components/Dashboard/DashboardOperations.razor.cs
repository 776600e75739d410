using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Dashboard;

/// <summary>The running operations, and those that failed lately.</summary>
public sealed partial class DashboardOperations(PageFeed feed, OperationService operations, TimeProvider time)
    : LiveComponent(feed)
{
    private static readonly TimeSpan Lately = TimeSpan.FromDays(7);
    private readonly LatestRead _reading = new();
    private IReadOnlyList<Operation> _running = [];
    private IReadOnlyList<Operation> _failed = [];
    private bool _inUse;
    private bool _isRead;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override Task OnInitializedAsync() => FollowSharedAsync(ReadAsync, ChangeTopic.Operations);

    private Task SetInUseAsync(bool isIn)
    {
        _inUse = isIn;
        return isIn ? Task.CompletedTask : ReadAsync();
    }

    private Task ReadAsync() => ReadAsync(
        _reading, until => _inUse ? FindShownAsync(until) : ListAsync(until),
        found => (_running, _failed, _isRead) = (found.Running, found.Failed, true));

    // Rows keep their place while the pointer or the focus is in the list. Their content stays up to date.
    private async Task<(IReadOnlyList<Operation> Running, IReadOnlyList<Operation> Failed)> FindShownAsync(
        CancellationToken cancellationToken)
    {
        var (running, failed) = (_running, _failed);
        var now = await operations.FindAsync(Actor, [.. running.Concat(failed).Select(o => o.Id)], cancellationToken);
        return ([.. running.Select(o => now.GetValueOrDefault(o.Id, o))],
            [.. failed.Select(o => now.GetValueOrDefault(o.Id, o))]);
    }

    private async Task<(IReadOnlyList<Operation> Running, IReadOnlyList<Operation> Failed)> ListAsync(
        CancellationToken cancellationToken)
    {
        var (running, failed) = await Feed.SharedAsync(
            Actor, new SharedQuestion("operations:dashboard", null, ChangeTopic.Operations),
            async reading => (
                await operations.ListAsync(
                    Actor, new OperationQuery { States = OperationStates.Unfinished, PageSize = 10, WithNames = true },
                    reading),
                await operations.ListAsync(
                    Actor, new OperationQuery { States = [OperationState.Failed], PageSize = 5, WithNames = true },
                    reading)),
            cancellationToken);
        var since = time.GetUtcNow() - Lately;
        return (running.Items, [.. failed.Items.Where(o => o.FinishedAt > since)]);
    }
}
