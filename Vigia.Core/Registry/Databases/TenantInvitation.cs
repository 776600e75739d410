using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Databases;

/// <summary>A one-time link for the first administrator of a tenant. See docs/rules.md#invitation.</summary>
[VisibleByTenant(nameof(TenantId))]
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
