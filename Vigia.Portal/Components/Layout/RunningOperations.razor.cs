using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>The number of running operations, live: a sentence for screen readers and a visible number.</summary>
public sealed partial class RunningOperations(
    PageFeed feed, OperationService operations, StaffSession session, TimeProvider time) : FrameComponent(feed)
{
    private readonly LatestRead _counting = new();
    private Actor? _actor;
    private int? _count;
    private bool _announce;

    private string Label => _count switch
    {
        0 => T["RunningNone"],
        1 => T["RunningOne"],
        _ => T["RunningMany", ListTurns.CountText(Shared, _count ?? 0)],
    };

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        if (!_actor.May(Rights.OperationsView))
        {
            return;
        }

        await FollowSharedAsync(CountAsync, ChangeTopic.Operations);
    }

    private Task CountAsync() => ReadAsync(
        _counting,
        until => Feed.SharedAsync(
            _actor!, new SharedQuestion("operations.running", null, ChangeTopic.Operations),
            reading => operations.CountAsync(_actor!, time.GetUtcNow(), reading), until),
        Show);

    private void Show(IReadOnlyDictionary<OperationState, int> counts)
    {
        var now = counts.GetValueOrDefault(OperationState.Running)
            + counts.GetValueOrDefault(OperationState.Cancelling);

        // Announced when the number changes, not when the page opens.
        _announce = _count is not null && _count != now;
        _count = now;
    }
}
