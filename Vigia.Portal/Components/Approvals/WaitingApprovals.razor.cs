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
public sealed partial class WaitingApprovals(ChangeFeed feed, ApprovalService approvals) : LiveComponent(feed)
{
    private readonly LatestRead _counting = new();
    private int _count;

    [Parameter, EditorRequired]
    public Actor Person { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Operations, _ => CountAsync());
        Watch(ChangeTopic.Staff, _ => CountAsync());
        await CountAsync();
    }

    private Task CountAsync() =>
        ReadAsync(_counting, until => approvals.CountAsync(Person, until), count => _count = count);
}
