using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The route of a tenant's page. The address of another tenant creates a new page.</summary>
[Route(PortalUrls.TenantRoute)]
[RequiresRight(Rights.TenantsView)]
public sealed class TenantByAddress : PageOf<TenantDetailPage, int>;
