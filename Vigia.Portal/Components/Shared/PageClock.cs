namespace Vigia.Portal.Components.Shared;

/// <summary>
/// One slow timer for all relative times on a circuit, so that a hundred rows do not need a hundred timers. It stands
/// still while the session is locked.
/// </summary>
public sealed class PageClock : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);
    private readonly ITimer _timer;

    private readonly CircuitLock _lock;

    public PageClock(TimeProvider time, CircuitLock signIn)
    {
        _lock = signIn;
        _timer = time.CreateTimer(_ => Tick(), null, Period, Period);
        signIn.Changed += Tick;
    }

    /// <summary>Raised outside the circuit's synchronization context.</summary>
    public event Action? Ticked;

    public void Dispose()
    {
        _lock.Changed -= Tick;
        _timer.Dispose();
    }

    private void Tick()
    {
        if (!_lock.IsLocked)
        {
            Ticked?.Invoke();
        }
    }
}
