using System.Text.Json;
using Vigia.Core.Tenants;

namespace Vigia.Core.Approvals;

/// <summary>What the first person had before their eyes, kept as it was: the second one sees the same, beside how it is now.</summary>
public sealed record ApprovalSeen
{
    public string? LegalName { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }
    public string? DatabaseName { get; init; }
    public string? Plan { get; init; }
    public string? Environment { get; init; }
    public bool IsActive { get; init; }

    /// <summary>Bytes on disk; null when it could not be asked.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>What is in the database; null when it could not be reached.</summary>
    public TenantContent? Content { get; init; }

    /// <summary>Days in the trash before it is destroyed.</summary>
    public int RetentionDays { get; init; }

    public static ApprovalSeen Of(Approval approval) => JsonSerializer.Deserialize<ApprovalSeen>(approval.Seen)!;

    internal static ApprovalSeen Of(TenantView tenant, TenantContent? content, int retentionDays) => new()
    {
        LegalName = tenant.Row.LegalName,
        Ruc = tenant.Row.Ruc,
        Subdomain = tenant.Row.Subdomain,
        DatabaseName = tenant.Row.DatabaseName,
        Plan = tenant.Row.Plan,
        Environment = tenant.Row.Environment,
        IsActive = tenant.Row.IsActive,
        SizeBytes = tenant.SizeBytes,
        Content = content,
        RetentionDays = retentionDays,
    };
}
