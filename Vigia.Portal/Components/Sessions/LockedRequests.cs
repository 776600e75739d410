using Vigia.Core.Staff.Sessions;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.Sessions;

/// <summary>
/// Sends a locked session to the unlock page, whatever it requests, and back afterwards. Circuits may still connect:
/// <see cref="CircuitSession"/> holds their messages back.
/// </summary>
internal sealed class LockedRequests(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<SessionStanding>() is not { State: SessionState.Locked } || MayPass(context))
        {
            return next(context);
        }

        if (context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            var back = HttpMethods.IsGet(context.Request.Method)
                ? context.Request.PathBase + context.Request.Path + context.Request.QueryString : PortalUrls.Panel;
            context.Response.Redirect(PortalUrls.UnlockAndReturn(back));
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status423Locked;
        }

        return Task.CompletedTask;
    }

    private static bool MayPass(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/_blazor")
        || context.GetEndpoint()?.Metadata is { } metadata
            && (metadata.GetMetadata<WhileLockedAttribute>() is not null || IsStatic(metadata));

    private static bool IsStatic(EndpointMetadataCollection metadata) =>
        metadata.GetMetadata<Microsoft.AspNetCore.StaticAssets.StaticAssetDescriptor>() is not null;
}
