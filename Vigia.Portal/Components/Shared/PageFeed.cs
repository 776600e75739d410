using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Feed;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// The changes of the master for the components of one circuit. While the circuit has no connection to its browser, or
/// its session is locked, nobody looks at what would be read, so nothing is. Afterwards everything counts as changed
/// once.
/// </summary>
public sealed partial class PageFeed : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<ChangeSubscription> _open = [];
    private readonly ChangeFeed _changes;
    private readonly SharedAnswers _shared;
    private readonly CircuitLine _line;
    private readonly CircuitLock _lock;
    private readonly ILogger<PageFeed> _logger;
    private TaskCompletionSource _watched = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PageFeed(
        ChangeFeed changes, SharedAnswers shared, CircuitLine line, CircuitLock signIn, ILogger<PageFeed> logger)
    {
        (_changes, _shared, _line, _lock, _logger) = (changes, shared, line, signIn, logger);
        line.Changed += OnLineChanged;
        signIn.Changed += PauseOrResume;
        PauseOrResume();
    }

    private bool IsWatched => _line.IsUp && !_lock.IsLocked;

    /// <summary>How often what changes on a page is read: the more pages are open, the more rarely.</summary>
    public TimeSpan Pace => _changes.Pace;

    /// <summary>Subscribes a component. The reads of many pages are spread over time.</summary>
    public ChangeSubscription Subscribe(ChangeInterest interest)
    {
        var subscription = _changes.Subscribe(interest with { IsSpread = true });
        lock (_gate)
        {
            _open.Add(subscription);
            if (!IsWatched)
            {
                subscription.Pause();
            }
        }

        return subscription;
    }

    /// <summary>Ends a subscription.</summary>
    public void End(ChangeSubscription subscription)
    {
        lock (_gate)
        {
            _open.Remove(subscription);
        }

        subscription.Dispose();
    }

    /// <summary>
    /// Reads an answer that is the same for everybody with the same access, once for all pages of this process.
    /// </summary>
    public Task<TAnswer> SharedAsync<TAnswer>(
        Actor actor, SharedQuestion question, Func<CancellationToken, Task<TAnswer>> read,
        CancellationToken cancellationToken) => _shared.ReadAsync(actor.AccessKey, question, read, cancellationToken);

    /// <summary>Waits until somebody looks at the pages of this circuit.</summary>
    internal Task WatchedAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _watched.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Writes to the log that a component could not read and reads again soon.</summary>
    internal void LogRetry(string component, Exception exception) => LogRetry(_logger, exception, component);

    public void Dispose()
    {
        _line.Changed -= OnLineChanged;
        _lock.Changed -= PauseOrResume;
    }

    private void OnLineChanged(bool isUp) => PauseOrResume();

    private void PauseOrResume()
    {
        lock (_gate)
        {
            if (IsWatched)
            {
                _watched.TrySetResult();
            }
            else if (_watched.Task.IsCompleted)
            {
                _watched = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            foreach (var subscription in _open)
            {
                if (IsWatched)
                {
                    subscription.Resume();
                }
                else
                {
                    subscription.Pause();
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Component} could not be read and is read again")]
    private static partial void LogRetry(ILogger logger, Exception exception, string component);
}
