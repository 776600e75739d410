using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The section about a tenant's database. Each card reads its own data.</summary>
public sealed partial class TenantDatabaseSection
{
    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;
}
