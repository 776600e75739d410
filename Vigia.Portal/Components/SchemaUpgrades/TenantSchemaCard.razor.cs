using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.SchemaUpgrades;

/// <summary>The schema version of one tenant's database beside this build's.</summary>
public sealed partial class TenantSchemaCard(SchemaOverview fleet)
{
    private DatabaseRow? _database;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;
}
