namespace Vigia.Portal.Components.Shared;

/// <summary>
/// One slow timer for all relative times on a circuit, so that a hundred rows do not need a hundred timers. It stands
/// still while the session is locked or the circuit has no connection, because nobody looks at the times.
/// </summary>
public sealed class PageClock : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);
    private readonly ITimer _timer;

    private readonly CircuitLock _lock;
    private readonly CircuitLine _line;

    public PageClock(TimeProvider time, CircuitLock signIn, CircuitLine line)
    {
        (_lock, _line) = (signIn, line);
        _timer = time.CreateTimer(_ => Tick(), null, Period, Period);
        signIn.Changed += Tick;
        line.Changed += OnLineChanged;
    }

    /// <summary>Raised outside the circuit's synchronization context.</summary>
    public event Action? Ticked;

    public void Dispose()
    {
        _lock.Changed -= Tick;
        _line.Changed -= OnLineChanged;
        _timer.Dispose();
    }

    private void OnLineChanged(bool isUp) => Tick();

    private void Tick()
    {
        if (!_lock.IsLocked && _line.IsUp)
        {
            Ticked?.Invoke();
        }
    }
}
