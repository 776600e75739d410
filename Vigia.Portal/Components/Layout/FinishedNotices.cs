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
    private const int Most = 100;

    // The end of an operation has the time at which its transaction began. One that waited for a lock appears after
    // operations that ended later.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);
    private readonly HashSet<(Guid Id, DateTimeOffset? At)> _read = [];
    private DateTimeOffset? _notifiedUntil;
    private bool _hasRead;
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
        var isMore = true;
        while (isMore)
        {
            var (until, isFirst) = (_notifiedUntil!.Value, !_hasRead);
            var ended = await Feed.SharedAsync(
                _actor!, new SharedQuestion("operations:ended", (_actor!.StaffId, until), ChangeTopic.Operations),
                reading => operations.ListEndedAsync(_actor, until - Overlap, Most, reading), Ending);
            var fresh = ended.Where(
                o => _read.Add((o.Id, o.FinishedAt)) && !(isFirst && o.FinishedAt <= until)).ToList();
            (_hasRead, isMore) = (true, ended.Count == Most);
            if (isMore)
            {
                // The next read begins after these.
                _notifiedUntil = ended[^1].FinishedAt + Overlap;
            }
            else if (fresh.Count > 0)
            {
                _notifiedUntil = fresh[^1].FinishedAt > until ? fresh[^1].FinishedAt : until;
            }

            if (fresh.Count > 0)
            {
                // Shown first: the browser may be away, and what it remembers matters only for the next visit.
                notice.Show(fresh);
                notified.Remember(fresh[^1].FinishedAt > until ? fresh[^1].FinishedAt!.Value : until);
            }
        }
    }
}
