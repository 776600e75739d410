using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Vigia.Core.Api;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.TenantSide;

namespace Vigia.Portal.Api;

/// <summary>
/// Limits the requests of each token and each source, see <see cref="SignInOrigin.SourceOf(System.Net.IPAddress?)"/>.
/// Each process counts on its own, so several instances allow several times as many. Sign-in attempts share their limit
/// with the sign-in pages.
/// State of the process: the counted requests and the open streams.
/// </summary>
internal sealed class ApiLimits(IOptions<ApiOptions> options) : IAsyncDisposable
{
    private readonly PartitionedRateLimiter<string> _tokens = Buckets(options.Value.RequestsPerMinutePerToken);
    private readonly PartitionedRateLimiter<string> _addresses = Buckets(options.Value.RequestsPerMinutePerAddress);
    private readonly PartitionedRateLimiter<Guid> _streams = PartitionedRateLimiter.Create<Guid, Guid>(
        who => RateLimitPartition.GetConcurrencyLimiter(
            who, _ => new ConcurrencyLimiterOptions { PermitLimit = options.Value.StreamsPerPerson }));

    private readonly PartitionedRateLimiter<Guid> _connections = PartitionedRateLimiter.Create<Guid, Guid>(
        account => RateLimitPartition.GetTokenBucketLimiter(
            account, _ => Bucket(options.Value.ConnectionsPerMinutePerAccount)));

    /// <summary>Counts a request before the database is queried.</summary>
    /// <exception cref="ApiRefusal">429.</exception>
    public void DemandRequest(HttpContext context)
    {
        Demand(WaitOf(context));
        if (BearerTokens.TokenOf(context.Request) is { } token && token.Length <= TenantTokens.LongestToken)
        {
            Demand(WaitOf(_tokens, KeyOf(token)));
        }
    }

    // The text comes from the caller and may be long, and each bucket is kept for a while. A longer text is no token.
    private static string KeyOf(string token) => Convert.ToBase64String(
        SHA256.HashData(MemoryMarshal.AsBytes(token.AsSpan())));

    /// <summary>Counts a request of its source. Returns how long it has to wait; null when it may go on.</summary>
    public TimeSpan? WaitOf(HttpContext context) =>
        WaitOf(_addresses, SignInOrigin.SourceOf(context.Connection.RemoteIpAddress));

    /// <summary>Counts an open stream until it is disposed.</summary>
    /// <exception cref="ApiRefusal">429.</exception>
    public IDisposable OpenStream(Actor actor)
    {
        var lease = _streams.AttemptAcquire(actor.Id ?? Guid.Empty);
        return lease.IsAcquired ? lease : throw Refusal(WaitOf(lease));
    }

    /// <summary>Counts a read of a tenant's connection, over all tokens of the service account.</summary>
    /// <exception cref="ApiRefusal">429.</exception>
    public void DemandConnection(Actor actor)
    {
        using var lease = _connections.AttemptAcquire(actor.Id ?? Guid.Empty);
        if (!lease.IsAcquired)
        {
            throw Refusal(WaitOf(lease));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connections.DisposeAsync();
        await _tokens.DisposeAsync();
        await _addresses.DisposeAsync();
        await _streams.DisposeAsync();
    }

    private static TimeSpan? WaitOf(PartitionedRateLimiter<string> limiter, string key)
    {
        using var lease = limiter.AttemptAcquire(key);
        return lease.IsAcquired ? null : WaitOf(lease);
    }

    private static TimeSpan WaitOf(RateLimitLease refused) =>
        refused.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(5);

    private static void Demand(TimeSpan? wait)
    {
        if (wait is { } time)
        {
            throw Refusal(time);
        }
    }

    private static ApiRefusal Refusal(TimeSpan wait) =>
        new(StatusCodes.Status429TooManyRequests, new Message("too_many_requests")) { RetryAfter = wait };

    /// <summary>
    /// A bucket that sustains exactly this many requests a minute. Unused requests of the last minute may come in one
    /// burst. The period is a second or a little more: it is stretched so that a whole number of requests comes back.
    /// </summary>
    internal static TokenBucketRateLimiterOptions Bucket(int perMinute)
    {
        var tokens = (perMinute + 59) / 60;
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = perMinute,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromMinutes((double)tokens / perMinute),
        };
    }

    private static PartitionedRateLimiter<string> Buckets(int perMinute) =>
        PartitionedRateLimiter.Create<string, string>(
            key => RateLimitPartition.GetTokenBucketLimiter(key, _ => Bucket(perMinute)));
}
