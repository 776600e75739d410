using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Api;

/// <summary>The limits for one caller of the HTTP API, from section <c>Api</c>.</summary>
public sealed class ApiOptions
{
    public const string Section = "Api";

    /// <summary>Requests per minute with one token. A burst of the same number is allowed at once.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinutePerToken { get; set; } = 600;

    /// <summary>Requests per minute from one IPv4 address or /64 network of IPv6, whatever the token.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinutePerAddress { get; set; } = 1200;

    /// <summary>
    /// How many connections of tenants one service account may read in a minute, over all its tokens. Each is recorded
    /// in the audit trail. A burst of the same number is allowed at once.
    /// </summary>
    [Range(1, 1_000_000)]
    public int ConnectionsPerMinutePerAccount { get; set; } = 120;

    /// <summary>The number of event streams that one person or service account may have open.</summary>
    [Range(1, 10_000)]
    public int StreamsPerPerson { get; set; } = 20;
}
