using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// Notifies a person about their operations that ended while they were on another page or away. The browser stores the
/// time up to which the person was notified. A notice stays until it is closed. Renders no markup.
/// </summary>
public sealed class FinishedNotices(
    ChangeFeed feed, OperationService operations, StaffSession session, FinishedNotice notice, NotifiedUntil notified)
    : LiveComponent(feed)
{
    private DateTimeOffset? _toldUntil;
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

        Watch(ChangeTopic.Operations, _ => ShowNewAsync());
        _toldUntil = await WhileHereAsync(notified.ReadAsync(Ending));
        await ShowNewAsync();
    }

    private async Task ShowNewAsync()
    {
        if (_toldUntil is not { } until)
        {
            return;
        }

        var ended = await operations.ListEndedAsync(_actor!, until, 100, Ending);
        if (ended.Count == 0 || _toldUntil != until)
        {
            return;
        }

        _toldUntil = ended[^1].FinishedAt;
        await notified.RememberAsync(_toldUntil!.Value, Ending);
        notice.Show(ended);
    }
}
