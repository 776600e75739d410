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

    /// <summary>The tenant that it belongs to. Null for templates and for databases that no tenant has yet.</summary>
    public int? TenantId { get; set; }

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
    public bool EverInProduction { get; init; } = true;

    /// <summary>
    /// When the drop of the database began because its provisioning was cancelled. After that it can't become a
    /// tenant's ready database.
    /// </summary>
    public DateTimeOffset? DropBegunAt { get; set; }
}

/// <summary>
/// The purpose of a database. A tenant has at most one of kind <see cref="Tenant"/> or <see cref="Trash"/>: its own
/// (<see cref="OwnDatabases"/>).
/// </summary>
[StoredInLowerCase]
public enum DatabaseKind
{
    /// <summary>The tenant works in it.</summary>
    Tenant,

    /// <summary>New databases are cloned from it.</summary>
    Template,

    /// <summary>A complete clone that waits for a tenant.</summary>
    Spare,

    /// <summary>A backup is restored into it to be checked.</summary>
    Scratch,

    /// <summary>A restored copy that stands next to the tenant's own database.</summary>
    Beside,

    /// <summary>It was the tenant's own until another one took its place.</summary>
    Replaced,

    /// <summary>Its tenant was deleted, and it waits to be dropped or restored.</summary>
    Trash,
}
