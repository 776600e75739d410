using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.SchemaUpgrades;

/// <summary>The operation that upgrades many databases, live, with the result for each tenant.</summary>
public sealed partial class UpgradePanel(PageFeed feed, OperationService operations) : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private Operation? _operation;

    [Parameter, EditorRequired]
    public Guid Id { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.Operations, Id, ReadAsync);

    // A person who is limited to chosen tenants sees the number of databases, but not the operation on all of them.
    private Task ReadAsync() => ReadAsync(
        _reading, Id, async (id, until) => (await operations.FindAsync(Actor, [id], until)).GetValueOrDefault(id),
        operation => _operation = operation);
}
