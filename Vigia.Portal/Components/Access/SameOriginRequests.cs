using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Components.Access;

/// <summary>
/// Refuses requests that another site caused, for addresses with <see cref="SameOriginOnlyAttribute"/>. Browsers say so
/// in Sec-Fetch-Site (W3C Fetch Metadata). Over plain HTTP they send only the Referer, which the portal's pages always
/// give to the portal itself.
/// </summary>
internal sealed class SameOriginRequests(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<SameOriginOnlyAttribute>() is null || IsOwn(context.Request))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(new Message("foreign_request").Render(), context.RequestAborted);
    }

    // "none": the person typed the address or opened a bookmark, which no site can do for them.
    private static bool IsOwn(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() switch
    {
        "" => Uri.TryCreate(request.Headers.Referer, UriKind.Absolute, out var referer)
            && string.Equals(referer.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase),
        var site => site is "same-origin" or "none",
    };
}
