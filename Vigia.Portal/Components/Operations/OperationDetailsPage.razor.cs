using Microsoft.AspNetCore.Components;
using Vigia.Core.Errors;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>One operation, live. All of it is read from the master, so that a page opened late, reloaded or reconnected shows the same.</summary>
public sealed partial class OperationDetailsPage
{
    private Actor? _actor;
    private Operation? _operation;
    private TenantLookup? _tenant;
    private bool _unknown;

    [Parameter]
    public Guid Id { get; set; }

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private TenantSearch Tenants { get; set; } = default!;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private string? ClientName => _tenant?.View?.Row.LegalName ?? _tenant?.Trashed?.LegalName;

    private string? Whereabouts => this switch
    {
        { _tenant: null } => T["Gone"].Value,
        { _tenant: { View: null } } => T["InTrash"].Value,
        _ => null,
    };

    private string TabTitle => string.Join(" · ", new[]
    {
        Shared[StateLook.Operation(_operation!.ShownState).TextKey].Value, OperationWords.Kind(_operation.Kind, T), _operation.Subdomain,
    }.Where(part => !string.IsNullOrEmpty(part)));

    protected override async Task OnInitializedAsync()
    {
        _actor = await Session.ActorAsync();
        Watch(ChangeTopic.Operations, changes => changes.Concerns(Id) ? ReadAsync() : Task.CompletedTask);
        Watch(ChangeTopic.Tenants, changes => _operation?.TenantId is { } tenant && changes.Concerns(tenant) ? ReadTenantAsync(tenant) : Task.CompletedTask);
        await ReadAsync();
    }

    protected override Task OnParametersSetAsync() => _operation is null || _operation.Id == Id ? Task.CompletedTask : ReadAsync();

    private async Task ReadAsync()
    {
        try
        {
            var operation = await Operations.GetAsync(_actor!, Id, Ending);
            if (operation.TenantId is { } tenant && _operation?.Id != operation.Id)
            {
                await ReadTenantAsync(tenant);
            }

            _operation = operation;
        }
        catch (NotFoundException)
        {
            _unknown = true;
        }
    }

    private async Task ReadTenantAsync(int tenant)
    {
        try
        {
            _tenant = await Tenants.GetAsync(_actor!, tenant, Ending);
        }
        catch (NotFoundException)
        {
            // History outlives the client.
            _tenant = null;
        }
    }
}
