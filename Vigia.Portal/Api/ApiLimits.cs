using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Vigia.Core.Api;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.SignIn;

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
        Demand(_addresses, SignInOrigin.SourceOf(context.Connection.RemoteIpAddress));
        if (BearerTokens.TokenOf(context.Request) is { } token)
        {
            Demand(_tokens, token);
        }
    }

    /// <summary>Counts an open stream until it is disposed.</summary>
    /// <exception cref="ApiRefusal">429.</exception>
    public IDisposable OpenStream(Actor actor)
    {
        var lease = _streams.AttemptAcquire(actor.Id ?? Guid.Empty);
        return lease.IsAcquired ? lease : throw Refusal(lease);
    }

    /// <summary>Counts a read of a tenant's connection, over all tokens of the service account.</summary>
    /// <exception cref="ApiRefusal">429.</exception>
    public void DemandConnection(Actor actor)
    {
        using var lease = _connections.AttemptAcquire(actor.Id ?? Guid.Empty);
        if (!lease.IsAcquired)
        {
            throw Refusal(lease);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connections.DisposeAsync();
        await _tokens.DisposeAsync();
        await _addresses.DisposeAsync();
        await _streams.DisposeAsync();
    }

    private static void Demand(PartitionedRateLimiter<string> limiter, string key)
    {
        using var lease = limiter.AttemptAcquire(key);
        if (!lease.IsAcquired)
        {
            throw Refusal(lease);
        }
    }

    private static ApiRefusal Refusal(RateLimitLease lease) =>
        new(StatusCodes.Status429TooManyRequests, new Message("too_many_requests"))
        {
            RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(5),
        };

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

    private static PartitionedRateLimiter<string> Buckets(int perMinute) => PartitionedRateLimiter.Create<string,
        string>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => Bucket(perMinute)));
}
