using Microsoft.AspNetCore.Components;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Operations;

/// <summary>Says that an administrator has paused all workers, on every page where somebody may wait for one.</summary>
public sealed partial class WorkersNotice
{
    private Actor? _actor;
    private bool _paused;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        _actor = await Session.ActorAsync();
        Watch(ChangeTopic.Work, _ => ReadAsync());
        await ReadAsync();
    }

    private async Task ReadAsync() => _paused = await Operations.AreWorkersPausedAsync(_actor!, Ending);
}
