using Microsoft.AspNetCore.Components;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Layout;

/// <summary>How many operations run now, live: in words for a screen reader and as a number for the eye.</summary>
public sealed partial class RunningOperations
{
    private Actor? _actor;
    private int? _count;
    private bool _announce;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private string Label => _count switch
    {
        0 => T["RunningNone"],
        1 => T["RunningOne"],
        _ => T["RunningMany", _count ?? 0],
    };

    protected override async Task OnInitializedAsync()
    {
        _actor = await Session.ActorAsync();
        if (!_actor.May(Rights.OperationsView))
        {
            return;
        }

        Watch(ChangeTopic.Operations, _ => CountAsync());
        await CountAsync();
    }

    private async Task CountAsync()
    {
        var counts = await Operations.CountAsync(_actor!, Time.GetUtcNow(), Ending);
        var now = counts.GetValueOrDefault(OperationState.Running) + counts.GetValueOrDefault(OperationState.Cancelling);

        // Announced when it changes, not when the page opens.
        _announce = _count is not null && _count != now;
        _count = now;
    }
}
