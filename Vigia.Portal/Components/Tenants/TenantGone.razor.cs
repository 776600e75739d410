using Microsoft.AspNetCore.Components;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>What is said of a client that is not in the registry: it lies in the trash, was destroyed, or never was.</summary>
public sealed partial class TenantGone
{
    [Parameter, EditorRequired]
    public TenantLookup Lookup { get; set; } = default!;
}
