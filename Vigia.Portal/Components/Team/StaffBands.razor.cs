using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Staff.Decisions;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>
/// Bands on every page. All staff see that a person is about to become an administrator without a second person's
/// approval. Administrators see what was done on the server's console, until each of them closes the band.
/// </summary>
// More than five dependencies: it asks before it cancels and says what became of it, which takes two services of the
// page.
public sealed partial class StaffBands(
    PageFeed feed, StaffNotices staffNotices, ApprovalService approvals, StaffSession session, PageDialogs dialogs,
    PageNotices notices) : FrameComponent(feed)
{
    private readonly LatestRead _readingAnnounced = new();
    private readonly LatestRead _readingConsole = new();
    private IReadOnlyList<AnnouncedRequest> _announced = [];
    private IReadOnlyList<ConsoleAct> _console = [];
    private Actor? _actor;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _actor = await session.ActorAsync();
        await FollowSharedAsync(ReadAsync, ChangeTopic.Staff);
    }

    private async Task ReadAsync()
    {
        if (_actor!.May(Rights.AccountOwn))
        {
            await ReadAsync(
                _readingAnnounced,
                until => Feed.SharedAsync(
                    _actor, new SharedQuestion("staff:announced", _actor.StaffId, ChangeTopic.Staff),
                    reading => staffNotices.AnnouncedAsync(_actor, reading), until),
                announced => _announced = announced);
        }

        if (_actor.May(Rights.StaffManage))
        {
            await ReadAsync(
                _readingConsole, until => staffNotices.ConsoleAsync(_actor, until), acts => _console = acts);
        }
    }

    private async Task CancelAsync(AnnouncedRequest request)
    {
        var question = new ConfirmRequest(
            T["BandCancelTitle", request.FullName], T["BandCancelEffect"], T["BandCancelAction"])
        {
            Subject = request.FullName, Dismiss = T["BandCancelKeep"],
        };
        var isDone = await dialogs.ConfirmAsync(question, async _ =>
        {
            await approvals.CancelAsync(_actor!, request.Id, CancellationToken.None);
            notices.Say(T["BandCancelled"]);
        });
        if (isDone)
        {
            await ReadAsync();
        }
    }

    private async Task CloseAsync(ConsoleAct act)
    {
        await staffNotices.CloseAsync(_actor!, act.Id, CancellationToken.None);
        await ReadAsync();
    }
}
