namespace Vigia.Portal.Components.Shared;

/// <summary>One slow tick for everything on a circuit that shows a relative time: a hundred rows need no hundred timers.</summary>
public sealed class PageClock : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);
    private readonly ITimer _timer;

    public PageClock(TimeProvider time)
    {
        _timer = time.CreateTimer(_ => Ticked?.Invoke(), null, Period, Period);
    }

    /// <summary>Raised off the circuit's thread.</summary>
    public event Action? Ticked;

    public void Dispose() => _timer.Dispose();
}
