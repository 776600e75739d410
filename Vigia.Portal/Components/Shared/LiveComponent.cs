using Microsoft.AspNetCore.Components;
using Npgsql;
using Vigia.Core.Feed;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A component that follows the master: it subscribes, reads its snapshot, and reads again what changes. Its loops end, and are waited
/// for, when it goes. A database that is away for a moment leaves on the page what was there; what breaks otherwise goes to the boundary.
/// </summary>
public abstract class LiveComponent : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _loops = [];

    [Inject]
    private ChangeFeed Feed { get; set; } = default!;

    [Inject]
    private TimeProvider Clock { get; set; } = default!;

    /// <summary>Cancelled when the component goes; every read of the page takes it.</summary>
    protected CancellationToken Ending => _ending.Token;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        Leave();
        await Task.WhenAll(_loops);
        _ending.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Calls <paramref name="onChange"/> on the circuit and draws, at most ten times a second. Subscribe before reading the snapshot.</summary>
    protected void Watch(ChangeTopic topic, Func<ChangeSet, Task> onChange) => _loops.Add(FollowAsync(Feed.Subscribe(topic), onChange));

    /// <summary>Called once when the component goes, after its loops were told to end.</summary>
    protected virtual void Leave()
    {
    }

    private async Task FollowAsync(ChangeSubscription subscription, Func<ChangeSet, Task> onChange)
    {
        using var _ = subscription;
        try
        {
            while (true)
            {
                var changes = await subscription.ReadAsync(Ending);
                while (!await TryShowAsync(changes, onChange))
                {
                    // What changed meanwhile is unknown.
                    changes = changes with { Everything = true };
                    await Task.Delay(Pause, Clock, Ending);
                }
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            await DispatchExceptionAsync(exception);
        }
    }

    private async Task<bool> TryShowAsync(ChangeSet changes, Func<ChangeSet, Task> onChange)
    {
        try
        {
            await InvokeAsync(async () =>
            {
                await onChange(changes);
                StateHasChanged();
            });
            return true;
        }
        catch (Exception exception) when (IsAway(exception))
        {
            return false;
        }
    }

    private static bool IsAway(Exception exception) =>
        exception is NpgsqlException { IsTransient: true } || exception.InnerException is NpgsqlException { IsTransient: true };
}
