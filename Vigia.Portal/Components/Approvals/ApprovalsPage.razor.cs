using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Decisions;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Approvals;

/// <summary>
/// The requests that wait for a second person, with everything that the first one saw, and the recent decisions.
/// </summary>
public sealed partial class ApprovalsPage(
    PageFeed feed, StaffSession session, ApprovalService approvals, PageDialogs dialogs, TimeProvider time)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private IReadOnlyList<Approval>? _approvals;
    private IReadOnlySet<Guid> _dependent = new HashSet<Guid>();
    private Actor? _actor;

    private List<Approval> Waiting => [.. _approvals!.Where(a => a.State == ApprovalState.Waiting)];

    private List<Approval> Decided => [.. _approvals!.Where(a => a.State != ApprovalState.Waiting)];

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        await FollowSharedAsync(ReadAsync, ChangeTopic.Operations, ChangeTopic.Staff);
    }

    private Task ReadAsync() => ReadAsync(
        _reading,
        async until =>
        {
            var all = await Feed.SharedAsync(
                _actor!, new SharedQuestion("approvals:list", null, ChangeTopic.Operations, ChangeTopic.Staff),
                reading => approvals.ListAsync(_actor!, reading), until);
            var waiting = all.Where(a => a.State == ApprovalState.Waiting).Select(a => a.RequestedBy)
                .Distinct().ToList();
            return (all, await approvals.DependentAsync(_actor!, waiting, until));
        },
        read => (_approvals, _dependent) = read);

    private bool MayShow(Approval approval) =>
        approval is { State: ApprovalState.Approved, LinkUntil: { } until } && until > time.GetUtcNow()
            && approval.RequestedBy == _actor!.StaffId;

    private async Task ShowAsync(Approval approval)
    {
        await dialogs.AskAsync<ShowLinkDialog, object>(
            new DialogParameters<ShowLinkDialog> { { d => d.Approval, approval }, { d => d.Actor, _actor! } });
        await ReadAsync();
    }
}
