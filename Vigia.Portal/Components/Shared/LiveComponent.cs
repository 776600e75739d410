using Microsoft.AspNetCore.Components;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Feed;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A component that follows changes in the master. It subscribes, reads a snapshot, and reads again when something
/// changes. Disposing it stops its loops and waits for them. While the database is unavailable, the page keeps what it
/// shows. Any other exception goes to the error boundary.
/// </summary>
public abstract class LiveComponent : EndingComponent, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly List<Task> _loops = [];

    [Inject]
    private ChangeFeed Feed { get; set; } = default!;

    [Inject]
    private TimeProvider Clock { get; set; } = default!;

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await Task.WhenAll(_loops);
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Calls <paramref name="onChange"/> on the circuit and renders, at most ten times a second. Subscribe before you
    /// read the snapshot, so that no change in between is missed.
    /// </summary>
    protected void Watch(ChangeTopic topic, Func<ChangeSet, Task> onChange) =>
        _loops.Add(FollowAsync(Feed.Subscribe(topic), onChange));

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
                    // The changes since the failed attempt are unknown, so everything has to be read again.
                    changes = changes with { Everything = true };
                    await Task.Delay(Pause, Clock, Ending);
                }
            }
        }
        catch (OperationCanceledException) when (Ending.IsCancellationRequested)
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
        catch (Exception exception) when (TransientFailures.IsServerUnavailable(exception))
        {
            return false;
        }
    }
}
