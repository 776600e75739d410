using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Api;

/// <summary>Refuses requests whose host is no name. Comes before everything that uses the host.</summary>
internal static class ReadableHosts
{
    public static void UseReadableHosts(this WebApplication app) => app.Use(
        (context, next) => RequestHost.IsReadable(context) ? next(context) : RefuseAsync(context));

    private static Task RefuseAsync(HttpContext context)
    {
        if (ApiUrls.IsApi(context))
        {
            return Problem.OfStatus(StatusCodes.Status400BadRequest).WriteAsync(context, context.RequestAborted);
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    }
}
