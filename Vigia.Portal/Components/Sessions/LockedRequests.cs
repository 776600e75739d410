using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Sessions;

/// <summary>What a locked sign-in may still ask for: the way to open it, and nothing that says anything.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class WhileLockedAttribute : Attribute;

/// <summary>
/// A locked sign-in gets the page that opens it, whatever it asks for, and comes back from there to where it was going. Circuits connect all the
/// same: <see cref="CircuitSession"/> lets nothing through them.
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
            var back = HttpMethods.IsGet(context.Request.Method) ? context.Request.PathBase + context.Request.Path + context.Request.QueryString : PortalUrls.Panel;
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
        || context.GetEndpoint()?.Metadata is { } metadata && (metadata.GetMetadata<WhileLockedAttribute>() is not null || IsStatic(metadata));

    private static bool IsStatic(EndpointMetadataCollection metadata) => metadata.GetMetadata<Microsoft.AspNetCore.StaticAssets.StaticAssetDescriptor>() is not null;
}
