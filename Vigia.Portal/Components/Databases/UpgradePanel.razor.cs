using Microsoft.AspNetCore.Components;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Databases;

/// <summary>The operation that brings many databases up, live, with what became of each client.</summary>
public sealed partial class UpgradePanel
{
    private Operation? _operation;

    [Parameter, EditorRequired]
    public Guid Id { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Operations, changes => changes.Concerns(Id) ? ReadAsync() : Task.CompletedTask);
        await ReadAsync();
    }

    // A limited auditor sees how many there are, not the work on all of them.
    private async Task ReadAsync() => _operation = (await Operations.FindAsync(Actor, [Id], Ending)).GetValueOrDefault(Id);
}
