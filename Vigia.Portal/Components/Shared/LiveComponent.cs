using Vigia.Core.Postgres;
using Vigia.Core.Registry.Feed;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A component that follows changes in the master in one loop: it subscribes, reads, shows, and reads again what
/// changed. One read is in flight at a time, and changes wait for it, so no change is missed and no older answer
/// replaces a newer one. Disposing it stops the loop and waits for it. While the database is unavailable, the page
/// keeps what it shows. Any other exception goes to the error boundary.
/// </summary>
public abstract class LiveComponent(PageFeed feed) : EndingComponent, IAsyncDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);
    private readonly List<Task> _loops = [];

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await Task.WhenAll(_loops);
        GC.SuppressFinalize(this);
    }

    /// <summary>The changes, and the answers that many pages share.</summary>
    protected PageFeed Feed => feed;

    /// <summary>
    /// Whether the loop continues after this failure. It then reads everything again after two seconds.
    /// </summary>
    /// <param name="exception">The failure.</param>
    /// <param name="isFirst">
    /// Whether the first read failed. A page shows nothing yet then, and fails. A part of a page shows that it loads.
    /// </param>
    protected virtual bool Survives(Exception exception, bool isFirst) =>
        !(isFirst && IsPage) && TransientFailures.IsServerUnavailable(exception);

    /// <summary>
    /// Calls <paramref name="readAsync"/> on the circuit and renders: first with everything, then with the changes that
    /// arrive together, at most ten times a second and more rarely when many pages are open.
    /// </summary>
    /// <returns>A task that ends when the first read has been shown.</returns>
    protected Task FollowAsync(ChangeInterest interest, Func<ChangeSet, Task> readAsync)
    {
        var first = new TaskCompletionSource();
        _loops.Add(LoopAsync(interest, readAsync, first));
        return first.Task;
    }

    /// <summary>Follows all changes of a topic.</summary>
    protected Task FollowAsync(ChangeTopic topic, Func<Task> readAsync) =>
        FollowAsync(new ChangeInterest(topic), _ => readAsync());

    /// <summary>Follows the changes of the row with this id.</summary>
    protected Task FollowAsync(ChangeTopic topic, object id, Func<Task> readAsync)
    {
        var one = new Change(topic, id.ToString()!);
        return FollowAsync(
            new ChangeInterest(topic)
            {
                Urgency = change => change == one ? ChangeUrgency.Now : ChangeUrgency.Never,
            },
            _ => readAsync());
    }

    /// <summary>
    /// Follows what many pages show alike, such as a count: it is read at most once a second, for all pages together
    /// (<see cref="PageFeed.SharedAsync"/>).
    /// </summary>
    protected Task FollowSharedAsync(Func<Task> readAsync, params IReadOnlyList<ChangeTopic> topics) =>
        FollowAsync(new ChangeInterest(topics) { Pace = TimeSpan.FromSeconds(1) }, _ => readAsync());

    private async Task LoopAsync(ChangeInterest interest, Func<ChangeSet, Task> readAsync, TaskCompletionSource first)
    {
        var subscription = feed.Subscribe(interest);
        var changes = ChangeSet.All;
        try
        {
            while (true)
            {
                try
                {
                    await InvokeAsync(() => ShowAsync(readAsync, changes));
                    first.TrySetResult();
                    changes = await subscription.ReadAsync(Ending);
                }
                catch (Exception exception)
                    when (!IsGone && !IsShutDown(exception) && Survives(exception, isFirst: !first.Task.IsCompleted))
                {
                    // The changes since the failed attempt are unknown, so everything has to be read again.
                    feed.LogRetry(GetType().Name, exception);
                    changes = ChangeSet.All;
                    await Task.Delay(Retry, Ending);
                    await feed.WatchedAsync(Ending);
                }
            }
        }
        catch (Exception exception) when (IsGone || IsShutDown(exception))
        {
            first.TrySetCanceled(Ending);
        }
        catch (Exception exception)
        {
            if (!first.TrySetException(exception))
            {
                await DispatchExceptionAsync(exception);
            }
        }
        finally
        {
            feed.End(subscription);
        }
    }

    // The process ends, and a circuit whose browser is away is not disposed of before its services.
    private static bool IsShutDown(Exception exception) =>
        exception is ObjectDisposedException { ObjectName: nameof(IServiceProvider) };

    private async Task ShowAsync(Func<ChangeSet, Task> readAsync, ChangeSet changes)
    {
        await WithoutRetryAsync(() => readAsync(changes));
        StateHasChanged();
    }
}
