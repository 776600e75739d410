using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>A component whose reads and waits end when it goes.</summary>
public abstract class EndingComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _ending = new();

    protected EndingComponent() => Ending = _ending.Token;

    /// <summary>
    /// Cancelled when the component goes; every read of the page takes it. It is still there afterwards: what was under way when the person
    /// left the page may ask for it once more.
    /// </summary>
    protected CancellationToken Ending { get; }

    public void Dispose()
    {
        _ending.Cancel();
        Leave();
        _ending.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Begins something that makes what <paramref name="last"/> was for stale: that is cancelled.</summary>
    /// <returns>Cancelled by the next one, and when the component goes.</returns>
    protected CancellationToken Newest(ref CancellationTokenSource? last)
    {
        if (Ending.IsCancellationRequested)
        {
            return Ending;
        }

        last?.Cancel();
        last?.Dispose();
        last = CancellationTokenSource.CreateLinkedTokenSource(Ending);
        return last.Token;
    }

    /// <summary>Called once when the component goes.</summary>
    protected virtual void Leave()
    {
    }
}
