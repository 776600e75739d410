using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>Explains why a tenant is not in the registry: it is in the trash, was purged, or never existed.</summary>
public sealed partial class TenantGone
{
    [Parameter, EditorRequired]
    public TenantLookup Lookup { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;
}
