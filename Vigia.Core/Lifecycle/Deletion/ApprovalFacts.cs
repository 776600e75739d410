using System.Text.Json;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// The facts that the first person saw, stored unchanged. The second person sees it beside the present values.
/// </summary>
public sealed record ApprovalFacts
{
    public string? LegalName { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }
    public string? DatabaseName { get; init; }
    public string? Plan { get; init; }
    public string? Environment { get; init; }
    public bool IsActive { get; init; }

    /// <summary>Bytes on disk; null when the size could not be read.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>The content of the database; null when it could not be reached.</summary>
    public TenantContent? Content { get; init; }

    /// <summary>Days in the trash before the purge.</summary>
    public int RetentionDays { get; init; }

    public static ApprovalFacts Of(Approval approval) => JsonSerializer.Deserialize<ApprovalFacts>(approval.Seen)!;

    internal static ApprovalFacts Of(Tenant tenant, TenantFigures figures, int retentionDays) => new()
    {
        LegalName = tenant.LegalName,
        Ruc = tenant.Ruc,
        Subdomain = tenant.Subdomain,
        DatabaseName = tenant.DatabaseName,
        Plan = tenant.Plan,
        Environment = tenant.Environment,
        IsActive = tenant.IsActive,
        SizeBytes = figures.SizeBytes,
        Content = figures.Content,
        RetentionDays = retentionDays,
    };
}
