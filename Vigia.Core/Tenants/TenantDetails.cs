namespace Vigia.Core.Tenants;

/// <summary>What may be changed of a client; also what is asked for when one is registered. Text as it was typed: the registry checks it.</summary>
public sealed record TenantDetails
{
    public string? LegalName { get; init; }
    public string? AccessEmail { get; init; }
    public string? ContactName { get; init; }
    public string? Plan { get; init; }
    public string? Environment { get; init; }
    public bool LimitIssuance { get; init; }

    /// <summary>Documents in a calendar month of Lima; null is unlimited. Wider than the column, so that too large a number is a message.</summary>
    public long? MaxDocuments { get; init; }
    public long? MaxUsers { get; init; }
    public long? MaxEstablishments { get; init; }

    /// <summary>A JSON object; null is an empty one.</summary>
    public string? Config { get; init; }

    public static TenantDetails Of(Tenant tenant) => new()
    {
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

/// <summary>A client to be registered.</summary>
public sealed record RegisterTenant
{
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }
    public TenantDetails Details { get; init; } = new();

    /// <summary>Whether its database is made now; otherwise when it is first activated.</summary>
    public bool Provision { get; init; } = true;
}

/// <summary>A client that was registered.</summary>
/// <param name="TenantId">Its id.</param>
/// <param name="OperationId">The provisioning; null when it was registered only.</param>
public sealed record RegisteredTenant(int TenantId, Guid? OperationId);
