namespace Vigia.Core.Tenancy;

/// <summary>The parts of a request that name its tenant. Null where a part is absent.</summary>
/// <param name="Header">The value of the header X-Tenant.</param>
/// <param name="Claim">The claim <c>tenant</c> of a token whose signature was checked.</param>
/// <param name="Host">The host of the request, with or without a port.</param>
public readonly record struct TenantClues(string? Header, string? Claim, string? Host);

/// <summary>The way in which a tenant was found.</summary>
public enum TenantStrategy
{
    None,
    Header,
    Claim,
    Host,

    /// <summary>The only tenant of an installation without a registry.</summary>
    Legacy,
}

/// <summary>The tenant of a request, or why there is none.</summary>
/// <param name="Entry">The tenant. Also given when it is known and refused.</param>
/// <param name="Refusal">Why the request can't reach its database.</param>
/// <param name="Strategy">The first strategy that named it.</param>
public readonly record struct TenantResolution(TenantEntry? Entry, TenantRefusal Refusal, TenantStrategy Strategy)
{
    public bool IsRefused => Refusal != TenantRefusal.None;
}
