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

    /// <summary>Called once when the component goes.</summary>
    protected virtual void Leave()
    {
    }
}
