using Microsoft.AspNetCore.Components;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The address and the database that a tenant with a sub-domain will have.</summary>
public sealed partial class NewTenantPreview(TenantUrls urls)
{
    /// <summary>Empty while none is typed.</summary>
    [Parameter, EditorRequired]
    public string Subdomain { get; set; } = "";
}
