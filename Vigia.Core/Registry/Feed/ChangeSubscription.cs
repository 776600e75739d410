namespace Vigia.Core.Registry.Feed;

/// <summary>The changes of one subscriber. Only one loop may read it.</summary>
public sealed class ChangeSubscription(ChangeInterest interest, ChangeFeed feed, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private HashSet<Change> _changes = [];
    private TaskCompletionSource _arrived = New();
    private TaskCompletionSource _urgent = New();
    private bool _everything;
    private bool _paused;
    private long? _lastRead;

    /// <summary>
    /// Waits for changes and returns those that arrive together. A call that is cancelled takes nothing: the next call
    /// returns the same changes.
    /// </summary>
    public async Task<ChangeSet> ReadAsync(CancellationToken cancellationToken)
    {
        var (arrived, urgent) = Signals();
        await arrived.WaitAsync(cancellationToken);

        // The first change after a quiet time is returned at once. Frequent changes are collected.
        if (!urgent.IsCompleted && RestOf(interest.Later) is { Ticks: > 0 } later)
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(urgent, Task.Delay(later, time, ending.Token));
            await ending.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        var spread = interest.IsSpread ? feed.Spread : TimeSpan.Zero;
        if (RestOf(interest.Pace > spread ? interest.Pace : spread) is { Ticks: > 0 } rest)
        {
            await Task.Delay(rest, time, cancellationToken);
        }
        else if (spread * Random.Shared.NextDouble() is { TotalMilliseconds: >= 1 } apart)
        {
            await Task.Delay(apart, time, cancellationToken);
        }

        _lastRead = time.GetTimestamp();
        lock (_gate)
        {
            var changes = new ChangeSet(_everything, _changes);
            (_changes, _everything, _arrived, _urgent) = ([], false, New(), New());
            return changes;
        }
    }

    /// <summary>
    /// Like the other overload, but returns after <paramref name="timeout"/>, possibly without changes.
    /// </summary>
    public async Task<ChangeSet> ReadAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ChangeSet.None;
        }
    }

    /// <summary>Collects nothing until <see cref="Resume"/>, because nobody looks at what would be read.</summary>
    public void Pause()
    {
        lock (_gate)
        {
            _paused = true;
        }
    }

    /// <summary>Ends a pause. Everything counts as changed once.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            if (!_paused)
            {
                return;
            }

            _paused = false;
        }

        AddEverything();
    }

    public void Dispose() => feed.Remove(this);

    internal void Add(Change change)
    {
        var urgency = interest.Of(change);
        if (urgency == ChangeUrgency.Never)
        {
            return;
        }

        lock (_gate)
        {
            if (!_paused)
            {
                _changes.Add(change);
                Signal(urgency == ChangeUrgency.Now);
            }
        }
    }

    internal void AddEverything()
    {
        lock (_gate)
        {
            if (!_paused)
            {
                _everything = true;
                Signal(isUrgent: true);
            }
        }
    }

    private void Signal(bool isUrgent)
    {
        _arrived.TrySetResult();
        if (isUrgent)
        {
            _urgent.TrySetResult();
        }
    }

    private (Task Arrived, Task Urgent) Signals()
    {
        lock (_gate)
        {
            return (_arrived.Task, _urgent.Task);
        }
    }

    // The time that is left of a pace since the last read.
    private TimeSpan RestOf(TimeSpan pace) =>
        _lastRead is { } last ? pace - time.GetElapsedTime(last) : TimeSpan.Zero;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
