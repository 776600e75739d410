using Microsoft.AspNetCore.Components;
using Vigia.Core.Approvals;
using Vigia.Core.Feed;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Approvals;

/// <summary>What waits for a second person, with all that the first one saw; and what was decided lately.</summary>
public sealed partial class ApprovalsPage
{
    private IReadOnlyList<Approval>? _approvals;
    private Actor? _actor;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private ApprovalService Approvals { get; set; } = default!;

    private List<Approval> Waiting => [.. _approvals!.Where(a => a.State == ApprovalState.Waiting)];

    private List<Approval> Decided => [.. _approvals!.Where(a => a.State != ApprovalState.Waiting)];

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Operations, _ => ReadAsync());
        _actor = await Session.ActorAsync();
        await ReadAsync();
    }

    private async Task ReadAsync()
    {
        if (_actor is not null)
        {
            _approvals = await Approvals.ListAsync(_actor, Ending);
        }
    }
}
