using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The clients before and after this one in the list one came from, at the same section.</summary>
public sealed partial class TenantNeighbours
{
    [Parameter, EditorRequired]
    public int Id { get; set; }

    [Parameter]
    public string? Section { get; set; }

    private string Address(int id) => Section is null ? PortalUrls.Tenant(id) : $"{PortalUrls.Tenant(id)}?seccion={Section}";
}
