namespace Vigia.Core.Provisioning;

/// <summary>The login role of a tenant: number <see cref="Number"/> of its roles <c>vigia_t{tenant}_{number}</c>.</summary>
public sealed class TenantCredential
{
    public int TenantId { get; init; }
    public int Number { get; init; }
    public required string RoleName { get; init; }

    /// <summary>The password, encrypted by Data Protection.</summary>
    public required string ProtectedPassword { get; init; }
    public bool IsCurrent { get; set; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a newer one took its place; its role goes when no session uses it any more.</summary>
    public DateTimeOffset? ReplacedAt { get; set; }
}

/// <summary>A one-time link for the first administrator of a tenant (facts 7.14, 7.18). Only the hash of its token is stored.</summary>
public sealed class TenantInvitation
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public int TenantId { get; init; }
    public required byte[] TokenHash { get; init; }
    public required string SentTo { get; init; }
    public Guid? CreatedBy { get; init; }
    public required string CreatedByName { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
}
