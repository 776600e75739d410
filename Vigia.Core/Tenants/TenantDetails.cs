using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>
/// The fields of a tenant that can be changed, also used when one is registered. Holds text as it was typed; the
/// registry checks it.
/// </summary>
public sealed record TenantDetails
{
    /// <summary>The tenant whose row these values were read from; null for values typed or sent from outside.</summary>
    public int? TenantId { get; init; }

    public string? LegalName { get; init; }
    public string? AccessEmail { get; init; }
    public string? ContactName { get; init; }
    public string? Plan { get; init; }
    public string? Environment { get; init; }
    public bool LimitIssuance { get; init; }

    /// <summary>
    /// Documents per calendar month in Lima; null is unlimited. The type is wider than the column's, so that too large
    /// a number gives a message.
    /// </summary>
    public long? MaxDocuments { get; init; }
    public long? MaxUsers { get; init; }
    public long? MaxEstablishments { get; init; }

    /// <summary>A JSON object; null means an empty one.</summary>
    public string? Config { get; init; }

    public static TenantDetails Of(Tenant tenant) => new()
    {
        TenantId = tenant.Id,
        LegalName = tenant.LegalName,
        AccessEmail = tenant.AccessEmail,
        ContactName = tenant.ContactName,
        Plan = tenant.Plan,
        Environment = tenant.Environment,
        LimitIssuance = tenant.LimitIssuance,
        MaxDocuments = tenant.MaxDocuments,
        MaxUsers = tenant.MaxUsers,
        MaxEstablishments = tenant.MaxEstablishments,
        Config = tenant.Config,
    };
}

/// <summary>A tenant to be registered.</summary>
public sealed record RegisterTenant
{
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }
    public TenantDetails Details { get; init; } = new();

    /// <summary>Whether its database is created now; otherwise when it is first activated.</summary>
    public bool Provision { get; init; } = true;
}

/// <summary>A tenant that was registered.</summary>
/// <param name="OperationId">The provisioning; null when it was only registered.</param>
public sealed record RegisteredTenant(int TenantId, Guid? OperationId);
