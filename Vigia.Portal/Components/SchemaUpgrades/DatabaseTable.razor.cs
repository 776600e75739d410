using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.SchemaUpgrades;

/// <summary>Databases with their schema versions, each with a button to upgrade it.</summary>
public sealed partial class DatabaseTable(
    PageFeed feed, SchemaUpgradeService upgrade, OperationService operations, IsolationService isolation,
    PageNotices notices) : LiveComponent(feed)
{
    private readonly LatestRead _readingWork = new();
    private readonly LatestRead _readingProofs = new();
    private Dictionary<int, Operation> _working = [];
    private IReadOnlyDictionary<int, ProofLine> _proofs = new Dictionary<int, ProofLine>();
    private IReadOnlyList<DatabaseRow>? _read;

    // Replaced as a whole, because the feed asks from its own thread.
    private volatile HashSet<string> _shown = [];

    [Parameter, EditorRequired]
    public IReadOnlyList<DatabaseRow> Items { get; set; } = [];

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Raised when the pointer or the focus enters or leaves the list.</summary>
    [Parameter]
    public EventCallback<bool> InUseChanged { get; set; }

    private bool MayMigrate => Actor.May(TenantAction.UpgradeSchema.Right);

    protected override async Task OnInitializedAsync()
    {
        Take();
        await FollowSharedAsync(ReadWorkAsync, ChangeTopic.Operations);
        await FollowAsync(
            new ChangeInterest(ChangeTopic.Tenants)
            {
                Urgency = change => _shown.Contains(change.Id) ? ChangeUrgency.Now : ChangeUrgency.Never,
            },
            _ => ReadProofsAsync());
    }

    protected override async Task OnParametersSetAsync()
    {
        if (!ReferenceEquals(_read, Items))
        {
            Take();
            await ReadProofsAsync();
        }
    }

    private void Take() => (_read, _shown) = (Items, [.. Items.Select(row => $"{row.TenantId}")]);

    // A database that is already being upgraded must not be requested again.
    private Task ReadWorkAsync() => ReadAsync(
        _readingWork,
        until => Feed.SharedAsync(
            Actor, new SharedQuestion("schema:work", null, ChangeTopic.Operations),
            reading => operations.ListAsync(
                Actor,
                new OperationQuery
                {
                    Kind = TenantAction.UpgradeSchema.OperationKind, States = OperationStates.Unfinished,
                    PageSize = OperationService.MaxPageSize
                },
                reading),
            until),
        page => _working = page.Items.GroupBy(o => o.TenantId!.Value).ToDictionary(g => g.Key, g => g.First()));

    private Task ReadProofsAsync() => ReadAsync(
        _readingProofs, Items,
        (items, until) => isolation.LastOfAsync(Actor, [.. items.Select(d => d.TenantId)], until),
        proofs => _proofs = proofs);

    private async Task UpdateAsync(DatabaseRow row)
    {
        try
        {
            await upgrade.StartOneAsync(Actor, row.TenantId, CancellationToken.None);
            notices.Say(T["UpdateStarted", row.LegalName ?? row.DatabaseName]);
        }
        catch (RuleException refusal)
        {
            Refuse(notices, row.LegalName ?? row.DatabaseName, refusal);
        }
    }
}
