namespace Vigia.Portal.Components.Shared;

/// <summary>
/// One slow timer for all relative times on a circuit, so that a hundred rows do not need a hundred timers.
/// </summary>
public sealed class PageClock : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);
    private readonly ITimer _timer;

    public PageClock(TimeProvider time)
    {
        _timer = time.CreateTimer(_ => Ticked?.Invoke(), null, Period, Period);
    }

    /// <summary>Raised outside the circuit's synchronization context.</summary>
    public event Action? Ticked;

    public void Dispose() => _timer.Dispose();
}
