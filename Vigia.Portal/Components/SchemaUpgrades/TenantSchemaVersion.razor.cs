using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.SchemaUpgrades;

/// <summary>
/// The schema version of one tenant's database, with a button to upgrade it. The page around it shows the operation.
/// </summary>
public sealed partial class TenantSchemaVersion(SchemaOverview fleet, SchemaUpgradeService upgrade, PageNotices notices)
{
    private readonly LatestRead _reading = new();
    private DatabaseRow? _database;
    private (int Id, uint Version) _shown;
    private bool _busy;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Passes the database's row to the component around this one.</summary>
    [Parameter]
    public EventCallback<DatabaseRow?> OnRead { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        if (_shown == (Tenant.Id, Tenant.Row.Version))
        {
            return;
        }

        _shown = (Tenant.Id, Tenant.Row.Version);
        if (await TryReadAsync(
            _reading, Tenant.Id, async (id, until) => (await fleet.FindAsync(Actor, [id], until)).GetValueOrDefault(id),
            found => _database = found))
        {
            await OnRead.InvokeAsync(_database);
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
            await upgrade.StartOneAsync(Actor, Tenant.Id, CancellationToken.None);
            notices.Say(T["UpdateStarted", Tenant.Row.LegalName ?? ""]);
        }
        catch (RuleException refusal)
        {
            Refuse(notices, Tenant.DisplayName, refusal);
        }
        finally
        {
            _busy = false;
        }
    }
}
