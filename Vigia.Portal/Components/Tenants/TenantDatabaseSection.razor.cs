using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>What concerns a client's database: each card reads for itself.</summary>
public sealed partial class TenantDatabaseSection
{
    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;
}
