using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Servers;

/// <summary>
/// A database of the portal. The row is committed before the database is created, and its id is part of the database's
/// marker.
/// </summary>
public sealed class ManagedDatabase
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public int ServerId { get; init; }

    /// <summary>The name that the database has or is about to get.</summary>
    public required string Name { get; set; }
    public DatabaseKind Kind { get; set; }
    public int? TenantId { get; init; }

    /// <summary>The operation that creates or created the database.</summary>
    public Guid? OperationId { get; init; }
    public int? SchemaVersion { get; set; }

    /// <summary>When the database reached that version. Null when it was created with it.</summary>
    public DateTimeOffset? SchemaChangedAt { get; set; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Whether its tenant was ever ready in production. Also true when this is unknown. A trigger sets it, and the
    /// database refuses to reset it. See <c>ProductionDuty</c>.
    /// </summary>
    public bool EverProduction { get; init; } = true;

    /// <summary>
    /// When the drop of the database began because its provisioning was cancelled. After that it can't become a
    /// tenant's ready database.
    /// </summary>
    public DateTimeOffset? DropBegunAt { get; set; }
}

[StoredInLowerCase]
public enum DatabaseKind
{
    Tenant,
    Template,
    Spare,
    Trash,
}
