using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn;

/// <summary>The ways to sign in that no password is typed for.</summary>
public enum SignInWay
{
    Passkey,
    Provider,
}

/// <summary>
/// Limits how often one source asks to sign in with a passkey or the identity provider, so that it can't keep the
/// portal busy. Each way counts apart, and wrong passwords count in neither. Each instance counts on its own.
/// <see cref="SignInThrottle"/> counts wrong passwords and codes.
/// State of the process: the counted attempts.
/// </summary>
public sealed class SignInLimiter(IOptions<StaffOptions> options) : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly PartitionedRateLimiter<string> _sources = Limiter(options.Value.SignInsPerMinuteAndAddress);

    /// <summary>
    /// Counts an attempt. If it is refused, sets status and Retry-After of the response (RFC 6585 section 4).
    /// </summary>
    /// <returns>Null when the request is allowed. Otherwise the seconds until the next allowed attempt.</returns>
    public int? Refuse(HttpContext context, SignInWay way)
    {
        var source = SignInOrigin.SourceOf(context.Connection.RemoteIpAddress);
        using var lease = _sources.AttemptAcquire($"{way}|{source}");
        return lease.IsAcquired ? null : SignInWait.Answer(
            context, lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Minute);
    }

    public void Dispose() => _sources.Dispose();

    private static PartitionedRateLimiter<string> Limiter(int perMinute) =>
        PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetSlidingWindowLimiter(
            key, _ => new SlidingWindowRateLimiterOptions
            {
                PermitLimit = perMinute, Window = Minute,
                SegmentsPerWindow = 6
            }));
}
