namespace Vigia.Core.Registry.Master;

/// <summary>
/// The last time that a recurring job was queued. There is one row per job, so that exactly one instance queues each
/// tick.
/// </summary>
public sealed class RecurringTick
{
    public required string Job { get; init; }
    public DateTimeOffset LastTick { get; set; }

    /// <summary>
    /// The last tenant that a run reached before its time was over. The next run begins after it. Null when the last
    /// run reached everything.
    /// </summary>
    public int? ReachedTenant { get; set; }
}
