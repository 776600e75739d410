namespace Vigia.Core.Registry.Databases;

/// <summary>
/// A login role of a tenant: number <see cref="Number"/> of its roles <c>vigia_t{tenant}_{number}</c>.
/// </summary>
public sealed class TenantCredential
{
    public int TenantId { get; init; }
    public int Number { get; init; }
    public required string RoleName { get; init; }

    /// <summary>The password, encrypted by Data Protection.</summary>
    public required string ProtectedPassword { get; init; }
    public bool IsCurrent { get; set; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a newer credential replaced it. Its role is dropped when no session uses it any more.</summary>
    public DateTimeOffset? ReplacedAt { get; set; }

    /// <summary>When the drop of its role began. After that it can't become the current one.</summary>
    public DateTimeOffset? DropBegunAt { get; set; }
}
