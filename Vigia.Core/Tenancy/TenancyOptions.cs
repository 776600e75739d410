using System.ComponentModel.DataAnnotations;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Core.Tenancy;

/// <summary>
/// How many connections the requests of tenants may use, from section <c>Tenancy</c>. See
/// docs/rules.md#tenant-connections.
/// </summary>
public sealed class TenancyOptions
{
    public const string Section = "Tenancy";

    /// <summary>
    /// The largest number of connections to a server, over all tenants and all instances. Null means what the server
    /// allows, less <see cref="ConnectionReserve"/>.
    /// </summary>
    [Range(1, 100_000)]
    [SettingExample("70")]
    public int? ConnectionsPerServer { get; set; }

    /// <summary>The connections of a server that are left for the portal itself, the product and people.</summary>
    [Range(0, 100_000)]
    public int ConnectionReserve { get; set; } = 30;

    /// <summary>How long a request waits for a connection before it is refused as <c>connections_busy</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:02:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan WaitForConnection { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection that nobody uses stays open.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan CloseIdleAfter { get; set; } = TimeSpan.FromSeconds(50);
}
