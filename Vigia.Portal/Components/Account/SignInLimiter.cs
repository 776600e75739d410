using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Vigia.Core.Configuration;

namespace Vigia.Portal.Components.Account;

/// <summary>
/// How often somebody may try to sign in: per address, so that one machine can't try everybody, and per account, so that many machines can't
/// try one. The account is what was typed, whether somebody has it or not. Counted per instance; lockout counts in the master.
/// </summary>
internal sealed class SignInLimiter(IOptions<StaffOptions> options) : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly PartitionedRateLimiter<string> _addresses = Limiter(options.Value.SignInsPerMinuteAndAddress);
    private readonly PartitionedRateLimiter<string> _accounts = Limiter(options.Value.SignInsPerMinuteAndAccount);

    /// <summary>Counts a try.</summary>
    /// <param name="address">Where it comes from.</param>
    /// <param name="account">Whose account it is for; null when that is not known yet.</param>
    /// <returns>Null when it may go on; else after how long it may be tried again.</returns>
    public TimeSpan? Refuse(string? address, string? account) =>
        Refuse(_addresses, address ?? "") ?? (account is null ? null : Refuse(_accounts, account.Trim().ToUpperInvariant()));

    /// <summary>The same, and says so in the answer (RFC 6585 section 4).</summary>
    /// <returns>Whether the request is refused, and for how many seconds.</returns>
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

    private static PartitionedRateLimiter<string> Limiter(int perMinute) => PartitionedRateLimiter.Create<string, string>(
        key => RateLimitPartition.GetSlidingWindowLimiter(key, _ => new SlidingWindowRateLimiterOptions { PermitLimit = perMinute, Window = Minute, SegmentsPerWindow = 6 }));
}
