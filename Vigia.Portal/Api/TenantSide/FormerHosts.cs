using Microsoft.Net.Http.Headers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;

namespace Vigia.Portal.Api.TenantSide;

/// <summary>
/// Leads browsers from the former host of a tenant to the present one, for as long as the former name is an alias.
/// Programs get 410 instead (<see cref="TenantGate"/>). Never for good, because a rename can be undone.
/// </summary>
internal sealed class FormerHosts(RequestDelegate next, TenantResolver resolver, TenantUrls urls)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!IsForAPage(context) || resolver.Resolve(new TenantClues(null, null, request.Host.Value)) is not
            { Refusal: TenantRefusal.Renamed, Entry: { } renamed })
        {
            return next(context);
        }

        // The address may contain the secret of an invitation.
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Location =
            urls.Of(renamed.Subdomain) + request.PathBase + request.Path + request.QueryString;
        context.Response.StatusCode = StatusCodes.Status302Found;
        return Task.CompletedTask;
    }

    private static bool IsForAPage(HttpContext context) =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        && !ApiUrls.IsApi(context) && !context.Request.Path.StartsWithSegments("/health")
        && context.Request.Headers[HeaderNames.Accept].Any(
            accept => accept?.Contains("text/html", StringComparison.OrdinalIgnoreCase) == true);
}
