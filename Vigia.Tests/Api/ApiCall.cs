using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Vigia.Tests.Api;

/// <summary>A call of the API as its endpoint defines it.</summary>
/// <param name="Endpoint">The endpoint with all its metadata.</param>
/// <param name="Method">GET, POST, …</param>
/// <param name="Route">Its route with parameters, such as <c>/api/v1/admin/clientes/{id:int}</c>.</param>
internal sealed record ApiCall(RouteEndpoint Endpoint, string Method, string Route)
{
    public string Name => Endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName;

    /// <summary>The path as the document writes it.</summary>
    public string Template =>
        Route.Replace(":int}", "}", StringComparison.Ordinal).Replace(":guid}", "}", StringComparison.Ordinal);

    /// <summary>The path with ids that do not exist.</summary>
    public string Path =>
        Route.Replace("{id:int}", "987654", StringComparison.Ordinal)
        .Replace("{id:guid}", "0197a3a0-0000-7000-8000-000000000000", StringComparison.Ordinal);

    public T? Said<T>()
        where T : class => Endpoint.Metadata.GetMetadata<T>();

    public override string ToString() => $"{Method} {Path}";

    /// <summary>All calls of staff that a portal answers.</summary>
    public static IReadOnlyList<ApiCall> All(IServiceProvider portal) => [.. Of(portal)
        .Where(call => call.Route.StartsWith("/api/v1/admin/", StringComparison.Ordinal))];

    /// <summary>All calls of tenants' users that a portal answers.</summary>
    public static IReadOnlyList<ApiCall> OfTenants(IServiceProvider portal) => [.. Of(portal)
        .Where(call => !call.Route.StartsWith("/api/v1/admin/", StringComparison.Ordinal))];

    private static IReadOnlyList<ApiCall> Of(IServiceProvider portal) =>
    [
        .. from endpoint in portal.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
           let pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
           where pattern.StartsWith("/api/v", StringComparison.Ordinal)
           from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
           select new ApiCall(endpoint, method, pattern),
    ];
}
