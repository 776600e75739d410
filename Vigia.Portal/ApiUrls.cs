namespace Vigia.Portal;

/// <summary>The addresses of the HTTP API.</summary>
internal static class ApiUrls
{
    public const string Root = "/api";
    public const string Admin = "/api/v1/admin";
    public const string Document = "/openapi/v1.json";

    /// <summary>The API of tenants' users.</summary>
    public const string Tenants = "/api/v1";

    public const string TenantsDocument = "/openapi/tenant-v1.json";

    public static string Cliente(int id) => $"{Admin}/clientes/{id}";

    public static string Operation(Guid id) => $"{Admin}/operations/{id}";

    /// <summary>Whether a request is for the API: everything under <c>/api</c> except the documentation page.</summary>
    public static bool IsApi(HttpContext context) =>
        context.Request.Path.StartsWithSegments(Root) && !context.Request.Path.StartsWithSegments(PortalUrls.ApiDocs);

    /// <summary>Whether the request is for the API of tenants' users.</summary>
    public static bool IsTenantApi(HttpContext context) =>
        context.Request.Path.StartsWithSegments(Tenants) && !context.Request.Path.StartsWithSegments(Admin);
}
