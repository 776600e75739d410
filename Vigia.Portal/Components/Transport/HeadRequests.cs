using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.StaticAssets;

namespace Vigia.Portal.Components.Transport;

/// <summary>
/// HEAD works where GET works (RFC 9110 section 9.3.2): it is routed as GET, and the server leaves the body out. HEAD
/// has no other effects of GET, such as recording an export: those handlers ask <see cref="IsHead"/>, or are no pages
/// and keep refusing it.
/// </summary>
internal static class HeadRequests
{
    private static readonly object Mark = new();

    public static bool IsHead(HttpContext context) => context.Items.ContainsKey(Mark);

    /// <summary>Has the request routed as GET.</summary>
    public static Task BeforeRouting(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Items[Mark] = Mark;
            context.Request.Method = HttpMethods.Get;
        }

        return next(context);
    }

    /// <summary>Refuses what is not meant for HEAD, such as the beginning of a sign-in with the company.</summary>
    public static Task AfterRouting(HttpContext context, RequestDelegate next)
    {
        if (!IsHead(context) || ApiUrls.IsApi(context) || context.Request.Path == ApiUrls.Document
            || context.GetEndpoint() is not { } endpoint
            || endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null
            || endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null
            || endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is null)
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = MethodsOf(context, endpoint);
        return Task.CompletedTask;
    }

    // The methods of the other endpoints of the same route, too.
    private static string MethodsOf(HttpContext context, Endpoint endpoint)
    {
        var route = (endpoint as RouteEndpoint)?.RoutePattern.RawText?.TrimStart('/');
        return string.Join(", ", context.RequestServices.GetServices<EndpointDataSource>()
            .SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(other => other.RoutePattern.RawText?.TrimStart('/') == route)
            .SelectMany(other => other.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
            .Append(HttpMethods.Get).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }
}
