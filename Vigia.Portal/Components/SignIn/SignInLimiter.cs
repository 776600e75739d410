using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// Limits sign-in attempts per address, so that one machine can't try all accounts, and per account, so that many
/// machines can't try one. The account is the typed name, whether it exists or not. Each instance counts on its own.
/// Lockout is counted in the master.
/// State of the process: the counted attempts.
/// </summary>
public sealed class SignInLimiter(IOptions<StaffOptions> options) : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly PartitionedRateLimiter<string> _addresses = Limiter(options.Value.SignInsPerMinuteAndAddress);
    private readonly PartitionedRateLimiter<string> _accounts = Limiter(options.Value.SignInsPerMinuteAndAccount);

    /// <summary>Counts an attempt.</summary>
    /// <param name="address">The address that the attempt comes from.</param>
    /// <param name="account">The account that it is for. Null when that is not known yet.</param>
    /// <returns>Null when the attempt is allowed. Otherwise the time until the next allowed attempt.</returns>
    public TimeSpan? Refuse(string? address, string? account) =>
        Refuse(_addresses, address ?? "")
            ?? (account is null ? null : Refuse(_accounts, account.Trim().ToUpperInvariant()));

    /// <summary>
    /// Counts an attempt. If it is refused, sets status and Retry-After of the response (RFC 6585 section 4).
    /// </summary>
    /// <returns>Null when the request is allowed. Otherwise the seconds until the next allowed attempt.</returns>
    public int? Refuse(HttpContext context, string? account)
    {
        if (Refuse(context.Connection.RemoteIpAddress?.ToString(), account) is not { } wait)
        {
            return null;
        }

        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return seconds;
    }

    public void Dispose()
    {
        _addresses.Dispose();
        _accounts.Dispose();
    }

    private static TimeSpan? Refuse(PartitionedRateLimiter<string> limiter, string key)
    {
        using var lease = limiter.AttemptAcquire(key);
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Minute;
    }

    private static PartitionedRateLimiter<string> Limiter(int perMinute) => PartitionedRateLimiter.Create<string,
    string>(
        key => RateLimitPartition.GetSlidingWindowLimiter(
            key, _ => new SlidingWindowRateLimiterOptions
            {
                PermitLimit = perMinute, Window = Minute,
                SegmentsPerWindow = 6
            }));
}
