using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Dashboard;

/// <summary>
/// The running operations, and those that failed lately. Values are updated in place. Rows are added and removed only
/// while the pointer and the focus are outside both lists. Otherwise a pill shows how many changes wait.
/// </summary>
public sealed partial class DashboardOperations(PageFeed feed, OperationService operations, TimeProvider time)
    : LiveComponent(feed)
{
    private static readonly TimeSpan Lately = TimeSpan.FromDays(7);
    private readonly LatestRead _reading = new();
    private IReadOnlyList<Operation> _running = [];
    private IReadOnlyList<Operation> _failed = [];
    private readonly LiveRows _rows = new();
    private bool _isRead;

    // Each list is in use by itself: the pointer may leave one while the focus is in the other.
    private bool _isRunningInUse;
    private bool _isFailedInUse;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override Task OnInitializedAsync() => FollowSharedAsync(ReadAsync, ChangeTopic.Operations);

    private bool IsHeld => _isRead && (_isRunningInUse || _isFailedInUse);

    private Task SetRunningInUseAsync(bool isIn)
    {
        _isRunningInUse = isIn;
        return ApplyHeldAsync();
    }

    private Task SetFailedInUseAsync(bool isIn)
    {
        _isFailedInUse = isIn;
        return ApplyHeldAsync();
    }

    // Applies the changes that were held back.
    private Task ApplyHeldAsync() => IsHeld || _rows.Changes == 0 ? Task.CompletedTask : ReadAsync();

    private Task RefreshAsync() => ReadAsync(_reading, ListAsync, Show);

    private Task ReadAsync() => ReadAsync(
        _reading,
        async until => (
            Now: await ListAsync(until),
            Rows: IsHeld ? await operations.FindAsync(
                Actor, [.. _running.Concat(_failed).Select(o => o.Id)], until) : null),
        found =>
        {
            if (!IsHeld)
            {
                Show(found.Now);
                return;
            }

            var now = All(found.Now);
            _rows.Compare(now.Select(o => o.Id));
            var rows = found.Rows ?? now.DistinctBy(o => o.Id).ToDictionary(o => o.Id);
            (_running, _failed) = ([.. _running.Select(o => rows.GetValueOrDefault(o.Id, o))],
                [.. _failed.Select(o => rows.GetValueOrDefault(o.Id, o))]);
        });

    private void Show((IReadOnlyList<Operation> Running, IReadOnlyList<Operation> Failed) now)
    {
        (_running, _failed, _isRead) = (now.Running, now.Failed, true);
        _rows.Show(All(now).Select(o => o.Id));
    }

    private static IEnumerable<Operation> All(
        (IReadOnlyList<Operation> Running, IReadOnlyList<Operation> Failed) lists) =>
        lists.Running.Concat(lists.Failed);

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
