using System.Globalization;

namespace Vigia.Portal.Components.SignIn;

/// <summary>The wait of a sign-in that is refused for now.</summary>
internal static class SignInWait
{
    // Longer than the work of any refusal on a machine that is not overloaded.
    private static readonly TimeSpan Refusal = TimeSpan.FromMilliseconds(400);

    /// <summary>Sets status and Retry-After of the response (RFC 6585 section 4).</summary>
    /// <returns>The seconds until the next allowed attempt.</returns>
    public static int Answer(HttpContext context, TimeSpan wait)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return seconds;
    }

    /// <summary>
    /// Waits until refusals take the same time whatever was wrong, such as the one that writes an audit record because
    /// the account exists. <paramref name="startedAt"/> is the timestamp at which the request began.
    /// </summary>
    public static Task DelayRefusalAsync(long startedAt, TimeProvider time, CancellationToken cancellationToken)
    {
        var left = Refusal - time.GetElapsedTime(startedAt);
        return left > TimeSpan.Zero ? Task.Delay(left, time, cancellationToken) : Task.CompletedTask;
    }
}
