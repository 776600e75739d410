using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
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
    ChangeFeed feed, OperationService operations, TenantSearch tenants, StaffSession session, TimeProvider time)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private readonly LatestRead _readingTenant = new();
    private Actor? _actor;
    private Operation? _operation;
    private TenantLookup? _tenant;
    private bool _unknown;

    /// <summary>
    /// Never changes: the address of another operation creates a new page (<see cref="OperationByAddress"/>).
    /// </summary>
    [Parameter]
    public Guid Id { get; set; }

    private string? TenantName => _tenant?.View?.Row.LegalName ?? _tenant?.Trashed?.LegalName
        ?? _tenant?.Purged?.LegalName;

    private string? Whereabouts => this switch
    {
        { _tenant: null } => T["Gone"].Value,
        { _tenant: { View: null, Trashed: null } } => T["Destroyed"].Value,
        { _tenant: { View: null } } => T["InTrash"].Value,
        _ => null,
    };

    private string TabTitle => string.Join(" · ", new[]
    {
        Shared[StateLook.Operation(_operation!.ShownState).TextKey].Value, OperationWords.Kind(_operation.Kind, T),
        _operation.Subdomain,
    }.Where(part => !string.IsNullOrEmpty(part)));

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        Watch(ChangeTopic.Operations, changes => changes.Concerns(Id) ? ReadAsync() : Task.CompletedTask);
        Watch(ChangeTopic.Tenants,
            changes => _operation?.TenantId is { } tenant
            && changes.Concerns(tenant) ? ReadTenantAsync(tenant) : Task.CompletedTask);
        await ReadAsync();
    }

    // The first read includes the tenant, so that the page renders at once. Later the tenant is read when it changes.
    private Task ReadAsync() => ReadAsync(
        _reading, Id,
        async (id, until) =>
        {
            var operation = await FindAsync(id, until);
            if (_operation is null && operation?.TenantId is { } tenant)
            {
                await ReadTenantAsync(tenant);
            }

            return operation;
        },
        found => (_operation, _unknown) = (found, found is null));

    // What runs for each tenant of an operation on many.
    private static TenantAction ChildOf(Operation operation) => operation.Kind == SchemaUpgradeService.UpgradeManyKind
        ? TenantAction.UpgradeSchema : TenantAction.Provision;

    private Task ReadTenantAsync(int tenant) =>
        ReadAsync(_readingTenant, tenant, FindTenantAsync, found => _tenant = found);

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
