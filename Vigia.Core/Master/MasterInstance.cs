namespace Vigia.Core.Master;

/// <summary>The one row that says which master this is and where it lives (invariant 11).</summary>
public sealed class MasterInstance
{
    public int Id { get; init; }

    /// <summary>Part of every marker.</summary>
    public Guid MasterId { get; set; }

    /// <summary>Host and port, or the private cluster's folder.</summary>
    public string? Location { get; set; }
    public long? DatabaseOid { get; set; }
    public string? SystemIdentifier { get; set; }

    /// <summary>An administrator has paused all workers.</summary>
    public bool WorkersPaused { get; set; }

}

/// <summary>When a recurring job was last enqueued; one row a job, so that exactly one instance enqueues each tick.</summary>
public sealed class RecurringTick
{
    public required string Job { get; init; }
    public DateTimeOffset LastTick { get; set; }
}
