namespace Vigia.Core.Registry.Servers;

/// <summary>A PostgreSQL server with tenant databases. Id 1 is the server of the master.</summary>
public sealed class DatabaseServer
{
    public int Id { get; init; }
    public required string Name { get; set; }

    /// <summary>No operation on this server starts before this moment. Set when the server does not answer.</summary>
    public DateTimeOffset? NotBefore { get; set; }
    public int Failures { get; set; }

    /// <summary>When an instance last began to look at all databases of this server.</summary>
    public DateTimeOffset? ObservedAt { get; set; }

    /// <summary>
    /// The databases of it that are open to every role, as JSON of <c>ServerOpenings</c>. Null while nobody has looked.
    /// </summary>
    public string? Openings { get; set; }

    /// <summary>When <see cref="Openings"/> was read.</summary>
    public DateTimeOffset? OpeningsAt { get; set; }
}
