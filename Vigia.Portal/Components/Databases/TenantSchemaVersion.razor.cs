using Microsoft.AspNetCore.Components;
using Vigia.Core.Errors;
using Vigia.Core.Fleet;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Databases;

/// <summary>The version of one client's schema, and bringing it up; its page shows the operation.</summary>
public sealed partial class TenantSchemaVersion
{
    private DatabaseRow? _database;
    private (int Id, uint Version) _read;
    private bool _busy;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>What was read of the database, for what is shown around this.</summary>
    [Parameter]
    public EventCallback<DatabaseRow?> OnRead { get; set; }

    [Inject]
    private SchemaFleet Fleet { get; set; } = default!;

    [Inject]
    private SchemaUpgrade Upgrade { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    protected override async Task OnParametersSetAsync()
    {
        if (_read == (Tenant.Id, Tenant.Row.Version))
        {
            return;
        }

        _read = (Tenant.Id, Tenant.Row.Version);
        try
        {
            _database = (await Fleet.FindAsync(Actor, [Tenant.Id], Ending)).GetValueOrDefault(Tenant.Id);
            await OnRead.InvokeAsync(_database);
        }
        catch (OperationCanceledException) when (Ending.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task UpdateAsync()
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        try
        {
            await Upgrade.StartOneAsync(Actor, Tenant.Id, CancellationToken.None);
            Page.Say(T["UpdateStarted", Tenant.Row.LegalName ?? ""]);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
        finally
        {
            _busy = false;
        }
    }
}
