namespace Vigia.Core.Tenants;

/// <summary>
/// A client: one row of <c>clientes_saas</c>. RUC and sub-domain are plain text here because a registry that was taken over may hold rows
/// that break our rules; what we write ourselves comes in as <c>Ruc</c>, <c>Subdomain</c> and <c>DatabaseName</c>.
/// </summary>
public sealed class Tenant
{
    public int Id { get; private set; }
    public string? Ruc { get; set; }
    public string? LegalName { get; set; }
    public string? Subdomain { get; set; }
    public string? AccessEmail { get; set; }
    public string? ContactName { get; set; }
    public string? Plan { get; set; }
    public string? Environment { get; set; }
    public bool IsActive { get; set; }

    /// <summary>A JSON object as text; null when the product left it out.</summary>
    public string? Config { get; set; }
    public bool LimitIssuance { get; set; }
    public int? MaxDocuments { get; set; }
    public int? MaxUsers { get; set; }
    public int? MaxEstablishments { get; set; }
    public string? DatabaseName { get; set; }
    public int? ServerId { get; set; }
    public TenantState State { get; set; }
    public InactiveKind? InactiveKind { get; set; }
    public string? InactiveReasonCode { get; set; }
    public string? InactiveReason { get; set; }
    public DateTimeOffset? InactiveSince { get; set; }
    public int? SchemaVersion { get; set; }

    /// <summary>Raised with every change of the limits.</summary>
    public int LimitsRevision { get; set; }

    /// <summary>The revision that the tenant's own database has.</summary>
    public int LimitsAppliedRevision { get; set; }

    /// <summary>Tokens issued before this moment are refused.</summary>
    public DateTimeOffset? TokensValidAfter { get; set; }

    /// <summary>The end of a demo; null for production.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>The version of the row (PostgreSQL's <c>xmin</c>).</summary>
    public uint Version { get; private set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    internal static Tenant WithId(int id) => new() { Id = id };
}

/// <summary>Where a client is in its life-cycle (architecture section 3). Stored in lower case.</summary>
public enum TenantState
{
    /// <summary>Written by somebody else; we did not create its database.</summary>
    Unmanaged,
    Registered,
    Provisioning,
    Ready,
    Failed,
    Deleting,
}

/// <summary>Why a client is inactive (facts 7.15). Stored in lower case.</summary>
public enum InactiveKind
{
    Suspended,
    Withdrawn,
    Expired,
}

/// <summary>The values of <c>entorno</c>.</summary>
public static class TenantEnvironments
{
    public const string Demo = "demo";
    public const string Production = "produccion";

    public static readonly IReadOnlyList<string> All = [Demo, Production];
}
