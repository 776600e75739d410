using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Errors;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.Transport;

/// <summary>
/// Limits the bodies of all requests that are neither calls of the API nor messages of an open page: the forms of the
/// sign-in and account pages, and what their scripts send. Most of them need no sign-in, and none has long fields.
/// </summary>
internal sealed class FormBodies(RequestDelegate next, IOptions<LimitOptions> limits)
{
    private readonly long _most = limits.Value.FormKilobytes * 1024L;

    public Task InvokeAsync(HttpContext context)
    {
        if (ApiUrls.IsApi(context) || context.Request.Path.StartsWithSegments(CircuitGate.Path))
        {
            return next(context);
        }

        if (context.Request.ContentLength > _most)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            context.Response.ContentType = "text/plain; charset=utf-8";
            return context.Response.WriteAsync(
                new Message("form_too_large", $"{limits.Value.FormKilobytes}").Render(), context.RequestAborted);
        }

        // For a body that does not say its length. The server ends the reading.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = _most;
        }

        return next(context);
    }
}
