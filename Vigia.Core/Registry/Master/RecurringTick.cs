namespace Vigia.Core.Registry.Master;

/// <summary>
/// The last time that a recurring job was queued. There is one row per job, so that exactly one instance queues each
/// tick.
/// </summary>
public sealed class RecurringTick
{
    public required string Job { get; init; }
    public DateTimeOffset LastTick { get; set; }
}
