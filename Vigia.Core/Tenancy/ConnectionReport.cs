namespace Vigia.Core.Tenancy;

/// <summary>The connections of a tenant and of this instance, at one moment.</summary>
/// <param name="Open">The tenant's connections that are open, being opened or being closed.</param>
/// <param name="Idle">Those of them that no request uses.</param>
/// <param name="Waiting">The tenant's requests that wait for one.</param>
/// <param name="UsedHere">The connections of all tenants in this instance.</param>
/// <param name="Share">The most that this instance may have now. Null when it has no share.</param>
/// <param name="Budget">
/// The limit for all instances together, as the server last reported it. Null when it was not asked.
/// </param>
public sealed record ConnectionStanding(int Open, int Idle, int Waiting, int UsedHere, int? Share, int? Budget);

/// <summary>Says how the connections of a tenant stand in this instance.</summary>
public sealed class ConnectionReport
{
    private readonly ConnectionGate _gate;
    private readonly TenantDataSources _sources;
    private readonly ConnectionShares _shares;
    private readonly TenantTroubles _troubles;

    internal ConnectionReport(
        ConnectionGate gate, TenantDataSources sources, ConnectionShares shares, TenantTroubles troubles) =>
        (_gate, _sources, _shares, _troubles) = (gate, sources, shares, troubles);

    /// <summary>The connections of a tenant at this moment.</summary>
    public ConnectionStanding Of(TenantEntry tenant) =>
        _gate.StandingOf(_sources.PoolOf(tenant.Id)) with { Budget = _shares.Budget };

    /// <summary>When requests of a tenant last got no session in this instance, and why; the newest first.</summary>
    public IReadOnlyList<TenantTrouble> TroublesOf(TenantEntry tenant) => _troubles.Of(tenant.Id);
}
