using Microsoft.AspNetCore.Components;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>Pauses and resumes the workers of all portals; there only for those who may.</summary>
public sealed partial class WorkersSwitch
{
    private Actor? _actor;
    private bool? _paused;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        _actor = await Session.ActorAsync();
        if (_actor.May(Rights.WorkersPause))
        {
            Watch(ChangeTopic.Work, _ => ReadAsync());
            await ReadAsync();
        }
    }

    private async Task ReadAsync() => _paused = await Operations.AreWorkersPausedAsync(_actor!, Ending);

    private async Task SwitchAsync()
    {
        var pause = _paused == false;
        if (pause && await Page.ConfirmAsync(new ConfirmRequest(T["PauseTitle"], T["PauseEffect"], T["Pause"]) { Dismiss = T["PauseDismiss"] }) is null)
        {
            return;
        }

        await Operations.PauseWorkersAsync(_actor!, pause, Ending);
        await ReadAsync();
        Page.Say(T[pause ? "Paused" : "Resumed"]);
    }
}
