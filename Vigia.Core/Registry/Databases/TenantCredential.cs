namespace Vigia.Core.Registry.Databases;

/// <summary>
/// A login role of one database. The role is named <c>vigia_c_{id}</c> and its marker holds the id, so a database that
/// gets another tenant keeps its roles.
/// </summary>
public sealed class TenantCredential
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public Guid DatabaseId { get; init; }

    /// <summary>The tenant of the database. Null while no tenant has it.</summary>
    public int? TenantId { get; set; }

    /// <summary>The name of the login role.</summary>
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
