using Microsoft.AspNetCore.Components;
using Vigia.Core.Approvals;
using Vigia.Core.Feed;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Approvals;

/// <summary>How many requests wait for this person, live, beside the menu's entry: nothing expires because nobody looked.</summary>
public sealed partial class WaitingApprovals
{
    private int _count;

    [Parameter, EditorRequired]
    public Actor Person { get; set; } = default!;

    [Inject]
    private ApprovalService Approvals { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Operations, _ => CountAsync());
        await CountAsync();
    }

    private async Task CountAsync() => _count = await Approvals.CountAsync(Person, Ending);
}
