namespace Vigia.Core.Databases;

/// <summary>A database that is ours: the row is committed before the database is made, and its id is in the database's marker.</summary>
public sealed class ManagedDatabase
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public int ServerId { get; init; }

    /// <summary>The name it has or is about to get.</summary>
    public required string Name { get; set; }
    public DatabaseKind Kind { get; set; }
    public int? TenantId { get; init; }

    /// <summary>The operation that makes or made it.</summary>
    public Guid? OperationId { get; init; }
    public int? SchemaVersion { get; set; }

    /// <summary>When it came to that version; null when it was made with it.</summary>
    public DateTimeOffset? SchemaChangedAt { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Stored in lower case.</summary>
public enum DatabaseKind
{
    Tenant,
    Template,
    Spare,
    Trash,
}

/// <summary>A PostgreSQL server that holds tenant databases; id 1 is the master's own.</summary>
public sealed class DatabaseServer
{
    public int Id { get; init; }
    public required string Name { get; set; }

    /// <summary>Work on this server waits until then; set when it does not answer.</summary>
    public DateTimeOffset? NotBefore { get; set; }
    public int Failures { get; set; }
}
