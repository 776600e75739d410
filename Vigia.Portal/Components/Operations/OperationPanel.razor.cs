using Microsoft.AspNetCore.Components;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Operations;

/// <summary>One operation, live: whoever comes late or reconnects sees the same.</summary>
public sealed partial class OperationPanel
{
    private Operation? _operation;

    [Parameter, EditorRequired]
    public Guid Id { get; set; }

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Operations, changes => changes.Concerns(Id) ? ReadAsync() : Task.CompletedTask);
        await ReadAsync();
    }

    private async Task ReadAsync() => _operation = await Operations.GetAsync(await Session.ActorAsync(), Id, Ending);
}
