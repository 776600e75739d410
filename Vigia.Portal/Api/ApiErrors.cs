using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Template;
using Vigia.Core.Tenancy;
using Vigia.Portal.Api.TenantSide;

namespace Vigia.Portal.Api;

/// <summary>
/// Turns every error under <c>/api</c> into problem+json, whatever its source: a service, routing, authorization or the
/// server.
/// </summary>
internal sealed partial class ApiErrors(RequestDelegate next, ILogger<ApiErrors> logger)
{
    /// <summary>The largest body: a tenant's configuration of 256 KiB, with room for escape sequences.</summary>
    public const long LargestBody = 1024 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        // The API accepts bearer tokens only, so it ignores a browser's cookies.
        context.Request.Headers.Remove("Cookie");
        context.Response.Headers.CacheControl = "no-store";
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = LargestBody;
        }

        try
        {
            await next(context);
            if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
            {
                context.Response.Headers.Allow = string.Join(", ", MethodsOf(context));
            }

            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentType: null })
            {
                await Problem.OfStatus(context.Response.StatusCode).WriteAsync(context, context.RequestAborted);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has disconnected, so nobody reads an answer.
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var problem = ApiUrls.IsTenantApi(context)
                ? TenantProblems.Of(e, context.Features.Get<RequestTenant>()?.Tenant) : Problem.Of(e);
            if (problem.IsBroken)
            {
                LogBroken(logger, e, context.Request.Method, context.GetEndpoint()?.DisplayName);
            }
            else if (problem.Reason.Code == LegacyTenant.SchemaDiffers)
            {
                LogGap(logger, context.Request.Method, context.GetEndpoint()?.DisplayName, LegacyTenant.GapIn(e)!);
            }

            context.Response.Headers.Remove("ETag");
            context.Response.Headers.Location = default;
            await problem.WriteAsync(context, context.RequestAborted);
        }
    }

    // Routing also counts endpoints that are no calls, such as that of files.
    private static IEnumerable<string> MethodsOf(HttpContext context)
    {
        var methods = context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints
            .OfType<RouteEndpoint>()
            .Where(call => call.RoutePattern.RawText?.TrimStart('/').StartsWith("api/", StringComparison.Ordinal)
                == true && IsCallOf(call, context.Request.Path))
            .SelectMany(call => call.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Distinct().ToList();
        return methods.Contains(HttpMethods.Get) ? methods.Append(HttpMethods.Head) : methods;
    }

    private static bool IsCallOf(RouteEndpoint call, PathString path)
    {
        var values = new RouteValueDictionary();
        return new TemplateMatcher(new RouteTemplate(call.RoutePattern), []).TryMatch(path, values)
            && call.RoutePattern.ParameterPolicies.All(parameter => parameter.Value.All(policy => policy.Content switch
            {
                "int" => int.TryParse($"{values[parameter.Key]}", CultureInfo.InvariantCulture, out _),
                "guid" => Guid.TryParse($"{values[parameter.Key]}", out _),
                _ => true,
            }));
    }

    // The path is not logged, because its text comes from the caller, and a query may contain data that must not be in
    // a log.
    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The database of DATABASE_URL lacks what {Method} {Endpoint} needs: {Gap}")]
    private static partial void LogGap(ILogger logger, string method, string? endpoint, string gap);

    [LoggerMessage(Level = LogLevel.Error, Message = "The API failed: {Method} {Endpoint}")]
    private static partial void LogBroken(ILogger logger, Exception exception, string method, string? endpoint);
}
