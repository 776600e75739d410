namespace Vigia.Tests.Infrastructure;

/// <summary>
/// The real time plus an offset. Time passes as usual, and a test can move it forward, for example by a quarter of an
/// hour.
/// </summary>
public sealed class ShiftedTime : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));

    public void Pass(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);
}
