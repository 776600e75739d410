using System.Globalization;
using Vigia.Core.Foundation.Access;

namespace Vigia.Portal.Components.Transport;

/// <summary>
/// Answers 429 with the reason as text when a person asks for a file or a printout and has one running already. The API
/// has an answer of its own.
/// </summary>
internal sealed class RunningAnswers(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (AlreadyRunningException running)
            when (!context.Response.HasStarted && !ApiUrls.IsApi(context))
        {
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = AlreadyRunningException.RetryAfter.TotalSeconds
                .ToString(CultureInfo.InvariantCulture);
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(
                $"{running.Reason.Render()} {running.Reason.RenderAdvice()}", context.RequestAborted);
        }
    }
}
