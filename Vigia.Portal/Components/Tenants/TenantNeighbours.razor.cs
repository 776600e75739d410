using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// Links to the previous and next tenant in the list that the person came from. They open the same section.
/// </summary>
public sealed partial class TenantNeighbours(TenantListOrigin origin)
{
    [Parameter, EditorRequired]
    public int Id { get; set; }

    [Parameter]
    public string? Section { get; set; }

    private string Address(int id) =>
        Section is null ? PortalUrls.Tenant(id) : $"{PortalUrls.Tenant(id)}?seccion={Section}";
}
