using System.Globalization;
using Vigia.Core.Postgres;

namespace Vigia.Portal.Components.Transport;

/// <summary>
/// Answers 503 when the master is away and a script, not a person, asked: the lock, passkeys, files. Pages and the API
/// have answers of their own.
/// </summary>
internal sealed partial class UnavailableAnswers(RequestDelegate next, ILogger<UnavailableAnswers> logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && TransientFailures.IsServerUnavailable(e))
        {
            LogAway(logger, e.Message);
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The master is not available: {Reason}")]
    private static partial void LogAway(ILogger logger, string reason);
}
