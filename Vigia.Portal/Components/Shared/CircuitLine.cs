using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// The connection of a circuit to its browser. The circuit survives a lost connection for some minutes. Messages that
/// were on their way are lost, and calls of the browser that waited for an answer never get one.
/// </summary>
public sealed class CircuitLine : CircuitHandler
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _lost = New();
    private TaskCompletionSource _back = Done();

    /// <summary>Raised when the connection is lost or back. Not on the circuit.</summary>
    public event Action<bool>? Changed;

    public bool IsUp => _back.Task.IsCompleted;

    /// <summary>Completed when the connection that is open now is lost. Completed if none is open.</summary>
    public Task Lost => _lost.Task;

    /// <summary>Waits until there is a connection.</summary>
    public Task WaitUntilBackAsync(CancellationToken cancellationToken) => _back.Task.WaitAsync(cancellationToken);

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _back = New();
            _lost.TrySetResult();
        }

        Changed?.Invoke(false);
        return Task.CompletedTask;
    }

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_back.Task.IsCompleted)
            {
                _lost = New();
                _back.TrySetResult();
            }
        }

        Changed?.Invoke(true);
        return Task.CompletedTask;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource Done()
    {
        var done = New();
        done.SetResult();
        return done;
    }
}
