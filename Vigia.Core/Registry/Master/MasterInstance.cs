namespace Vigia.Core.Registry.Master;

/// <summary>The single row with the id and the place of this master (docs/rules.md#copied-master).</summary>
public sealed class MasterInstance
{
    public int Id { get; init; }

    /// <summary>The id of the master, which is part of every marker.</summary>
    public Guid MasterId { get; set; }

    /// <summary>Host and port, or the private cluster's folder.</summary>
    public string? Location { get; set; }
    public long? DatabaseOid { get; set; }
    public string? SystemIdentifier { get; set; }

    /// <summary>Whether an administrator has paused all workers.</summary>
    public bool WorkersPaused { get; set; }

}
