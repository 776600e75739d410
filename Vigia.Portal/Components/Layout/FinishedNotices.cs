using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// Notifies a person about their operations that ended while they were on another page or away. The browser stores the
/// time up to which the person was notified. Renders no markup.
/// </summary>
public sealed class FinishedNotices(
    PageFeed feed, OperationService operations, StaffSession session, FinishedNotice notice, NotifiedUntil notified)
    : FrameComponent(feed)
{
    private DateTimeOffset? _notifiedUntil;
    private Actor? _actor;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _actor = await session.ActorAsync();
        if (!_actor.May(Rights.OperationsView))
        {
            return;
        }

        _notifiedUntil = await WhileHereAsync(notified.ReadAsync(Ending));
        await FollowSharedAsync(ShowNewAsync, ChangeTopic.Operations);
    }

    private async Task ShowNewAsync()
    {
        var until = _notifiedUntil!.Value;
        var ended = await Feed.SharedAsync(
            _actor!, new SharedQuestion("operations:ended", (_actor!.StaffId, until), ChangeTopic.Operations),
            reading => operations.ListEndedAsync(_actor, until, 100, reading), Ending);
        if (ended.Count > 0)
        {
            // Shown first: the browser may be away, and what it remembers matters only for the next visit.
            notice.Show(ended);
            _notifiedUntil = ended[^1].FinishedAt;
            notified.Remember(_notifiedUntil!.Value);
        }
    }
}
