using Vigia.Core.Registry.Feed;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A component that follows changes in the master. It subscribes, reads a snapshot, and reads again when something
/// changes. Disposing it stops its loops and waits for them. While the database is unavailable, the page keeps what it
/// shows. Any other exception goes to the error boundary.
/// </summary>
public abstract class LiveComponent(ChangeFeed feed) : EndingComponent, IAsyncDisposable
{
    private readonly List<Task> _loops = [];

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
        _loops.Add(FollowAsync(feed.Subscribe(topic), onChange));

    private async Task FollowAsync(ChangeSubscription subscription, Func<ChangeSet, Task> onChange)
    {
        using var _ = subscription;
        try
        {
            await subscription.FollowAsync(
                changes => InvokeAsync(async () =>
                {
                    await onChange(changes);
                    StateHasChanged();
                }),
                Ending);
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
}
