using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// Exports the list as a file: an ordinary download outside the circuit. Its address has the same filters as the list.
/// </summary>
internal static class TenantExportEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(PortalUrls.TenantsExport, ExportAsync)
            .RequireAuthorization(RightPolicies.Of(Rights.TenantsExport)).WithMetadata(new SameOriginOnlyAttribute());

    private static async Task ExportAsync(HttpContext context, TenantExport export, TimeProvider time)
    {
        var actor = StaffSession.ActorOf(context.User, context.Connection.RemoteIpAddress?.ToString());
        var query = TenantListView.Parse(context.Request.Query.ToDictionary(p => p.Key, p => p.Value)).ToQuery();
        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition =
            $"attachment; filename=\"clientes-{LimaTime.In(time.GetUtcNow()):yyyyMMdd-HHmm}.csv\"";
        context.Response.Headers.CacheControl = "no-store";
        await export.WriteCsvAsync(actor, query, context.Response.Body, context.RequestAborted);
    }
}
