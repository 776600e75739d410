using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Staff.Decisions;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Approvals;

/// <summary>
/// The number of requests that wait for this person, live, beside the menu entry. It keeps requests from expiring
/// unnoticed.
/// </summary>
public sealed partial class WaitingApprovals(PageFeed feed, ApprovalService approvals) : FrameComponent(feed)
{
    private readonly LatestRead _counting = new();
    private int _count;

    [Parameter, EditorRequired]
    public Actor Person { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        await FollowSharedAsync(CountAsync, ChangeTopic.Operations, ChangeTopic.Staff);
    }

    // A person does not decide on their own requests, so each has a count of their own.
    private Task CountAsync() => ReadAsync(
        _counting,
        until => Feed.SharedAsync(
            Person,
            new SharedQuestion("approvals:waiting", Person.StaffId, ChangeTopic.Operations, ChangeTopic.Staff),
            reading => approvals.CountAsync(Person, reading), until),
        count => _count = count);
}
