namespace Vigia.Tests.Infrastructure;

/// <summary>The real time, some way ahead: it passes as always, and a test can let a quarter of an hour go by at once.</summary>
public sealed class ShiftedTime : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));

    public void Pass(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);
}
