using Microsoft.AspNetCore.Components;
using Vigia.Core.Fleet;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Databases;

/// <summary>The schema of one client's database beside this portal's.</summary>
public sealed partial class TenantSchemaCard
{
    private DatabaseRow? _database;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;
}
