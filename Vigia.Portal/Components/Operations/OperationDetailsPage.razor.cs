using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>
/// One operation, live. The page reads all data from the master, so it shows the same after a late visit, a reload or a
/// reconnect.
/// </summary>
public sealed partial class OperationDetailsPage(
    PageFeed feed, OperationService operations, TenantSearch tenants, StaffSession session, TimeProvider time)
    : LiveComponent(feed), IWholePage
{
    private readonly LatestRead _reading = new();
    private Actor? _actor;
    private Operation? _operation;
    private TenantLookup? _tenant;
    private IReadOnlyDictionary<OperationItemState, int>? _counts;
    private bool _unknown;

    /// <summary>
    /// Never changes: the address of another operation creates a new page (<see cref="OperationByAddress"/>).
    /// </summary>
    [Parameter]
    public Guid Id { get; set; }

    private string Exact(DateTimeOffset? moment) => moment is { } at ? LimaTime.Exact(at) : T["NotYet"];

    private string? TenantName => _operation?.TenantId is not { } id ? null : TenantNames.Of(
        id, _tenant?.View?.Row.LegalName ?? _tenant?.Trashed?.LegalName ?? _tenant?.Purged?.LegalName,
        _operation.Subdomain);

    private string? TenantPlace => this switch
    {
        { _tenant: null } => T["Gone"].Value,
        { _tenant: { View: null, Trashed: null } } => T["Destroyed"].Value,
        { _tenant: { View: null } } => T["InTrash"].Value,
        _ => null,
    };

    private string TabTitle => string.Join(" · ", new[]
    {
        Shared[StateLook.Operation(_operation!.ShownState).TextKey].Value, OperationWords.Kind(_operation, T),
        TenantName,
    }.Where(part => !string.IsNullOrEmpty(part)));

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        await FollowAsync(
            new ChangeInterest(ChangeTopic.Operations, ChangeTopic.Tenants) { Urgency = UrgencyOf }, ReadAsync);
    }

    // Whose operation it is, is not known before the first answer: until then a change of any tenant counts.
    private ChangeUrgency UrgencyOf(Change change) =>
        change == new Change(ChangeTopic.Operations, $"{Id}")
        || (change.Topic == ChangeTopic.Tenants
            && (!(_operation is not null || _unknown) || change.Id == $"{_operation?.TenantId}"))
            ? ChangeUrgency.Now : ChangeUrgency.Never;

    // The first read includes the tenant, so that the page renders at once. Later each is read when it changes.
    private Task ReadAsync(ChangeSet changes) => ReadAsync(
        _reading, Id,
        async (id, until) =>
        {
            var operation = _operation is null || changes.Concerns(ChangeTopic.Operations)
                ? await FindAsync(id, until) : _operation;
            var tenant = operation?.TenantId is { } about && changes.Concerns(ChangeTopic.Tenants)
                ? await FindTenantAsync(about, until) : _tenant;
            return (Operation: operation, Tenant: tenant);
        },
        found => (_operation, _tenant, _unknown) = (found.Operation, found.Tenant, found.Operation is null));

    // The child operations of an operation on many tenants.
    internal static TenantAction ChildOf(Operation operation) =>
        operation.Kind == SchemaUpgradeService.UpgradeManyKind ? TenantAction.UpgradeSchema
        : operation.Kind == FleetAdoption.AdoptManyKind ? TenantAction.Adopt
        : TenantAction.Provision;

    private async Task<Operation?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            return await operations.GetAsync(_actor!, id, cancellationToken);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    private async Task<TenantLookup?> FindTenantAsync(int tenant, CancellationToken cancellationToken)
    {
        try
        {
            return await tenants.GetAsync(_actor!, tenant, cancellationToken);
        }
        catch (NotFoundException)
        {
            // The operation may outlive its tenant.
            return null;
        }
    }
}
