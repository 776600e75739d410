using System.Collections.Concurrent;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// The real time, but waits of one length end when the test says so, and the measured time stands still meanwhile. So a
/// test sees that somebody waits, on a slow machine too, and for how long.
/// </summary>
public sealed class HeldTime(TimeSpan held) : TimeProvider
{
    private readonly ConcurrentQueue<(TimerCallback Callback, object? State)> _waits = new();

    // Zero while the time passes.
    private long _stands;

    /// <summary>Whether somebody waits.</summary>
    public bool IsWaited => !_waits.IsEmpty;

    /// <summary>Lets the measured time stand still until <see cref="Release"/>.</summary>
    public void Hold() => Volatile.Write(ref _stands, base.GetTimestamp());

    /// <summary>Ends all waits.</summary>
    public void Release()
    {
        Volatile.Write(ref _stands, 0);
        while (_waits.TryDequeue(out var wait))
        {
            wait.Callback(wait.State);
        }
    }

    public override long GetTimestamp() =>
        Volatile.Read(ref _stands) is var stands and not 0 ? stands : base.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (Volatile.Read(ref _stands) == 0 || dueTime != held || period != Timeout.InfiniteTimeSpan)
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        _waits.Enqueue((callback, state));
        return base.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
