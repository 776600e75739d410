using System.Collections.Immutable;
using Vigia.Core.Postgres;

namespace Vigia.Core.Registry.Feed;

/// <summary>The topic of a change.</summary>
public enum ChangeTopic
{
    /// <summary>The state, progress or steps of an operation. Ids are operation ids.</summary>
    Operations,

    /// <summary>A tenant or the trash. Ids are tenant ids.</summary>
    Tenants,

    /// <summary>There may be an operation to claim.</summary>
    Work,

    /// <summary>A member of staff, their sign-ins or tokens. Without ids.</summary>
    Staff,
}

/// <summary>The changes since the last read.</summary>
/// <param name="Everything">
/// Whether anything may have changed, because the connection was lost in the meantime. The subscriber must read
/// everything again.
/// </param>
/// <param name="Ids">The ids of the changed rows: operation ids or tenant ids as text.</param>
public sealed record ChangeSet(bool Everything, IReadOnlySet<string> Ids)
{
    public bool Concerns(object id) => Everything || Ids.Contains(id.ToString()!);
}

/// <summary>
/// Notifies subscribers in this process of changes in the master. To miss no change: subscribe first, read the
/// snapshot, then read the changes and the rows that they name.
/// State of the process: the subscriptions.
/// </summary>
public sealed class ChangeFeed(TimeProvider time)
{
    private ImmutableHashSet<ChangeSubscription> _subscriptions = [];

    /// <summary>
    /// Subscribes to a topic. Dispose the subscription to end it. Changes are collected for
    /// <paramref name="atMostEvery"/> (default: 100 ms), so that a page repaints no more often than that.
    /// </summary>
    public ChangeSubscription Subscribe(ChangeTopic topic, TimeSpan? atMostEvery = null)
    {
        var subscription = new ChangeSubscription(topic, atMostEvery ?? TimeSpan.FromMilliseconds(100), time, Remove);
        ImmutableInterlocked.Update(ref _subscriptions, all => all.Add(subscription));
        return subscription;
    }

    internal void Publish(ChangeTopic topic, string id)
    {
        foreach (var subscription in _subscriptions)
        {
            if (subscription.Topic == topic)
            {
                subscription.Add(id);
            }
        }
    }

    internal void PublishEverything()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Add(null);
        }
    }

    private void Remove(ChangeSubscription subscription) =>
        ImmutableInterlocked.Update(ref _subscriptions, all => all.Remove(subscription));
}

/// <summary>The changes of one subscriber. Only one loop may read it.</summary>
public sealed class ChangeSubscription(
    ChangeTopic topic, TimeSpan atMostEvery, TimeProvider time, Action<ChangeSubscription> remove) : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _arrived = new(0, 1);
    private HashSet<string> _ids = [];
    private bool _everything;
    private long? _lastRead;

    internal ChangeTopic Topic => topic;

    /// <summary>Waits for changes and returns those that arrive together.</summary>
    public async Task<ChangeSet> ReadAsync(CancellationToken cancellationToken)
    {
        await _arrived.WaitAsync(cancellationToken);

        // The first change after a quiet time is returned at once. Frequent changes are collected.
        if (_lastRead is { } last && atMostEvery - time.GetElapsedTime(last) is { Ticks: > 0 } rest)
        {
            await Task.Delay(rest, time, cancellationToken);
        }

        _lastRead = time.GetTimestamp();
        lock (_gate)
        {
            var changes = new ChangeSet(_everything, _ids);
            _ids = [];
            _everything = false;
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
            return new ChangeSet(false, new HashSet<string>());
        }
    }

    /// <summary>
    /// Calls <paramref name="onChange"/> for the changes that arrive together, until it is cancelled. While the
    /// database is unavailable, it calls again every two seconds.
    /// </summary>
    public async Task FollowAsync(Func<ChangeSet, Task> onChange, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changes = await ReadAsync(cancellationToken);
            while (!await TryAsync(changes, onChange))
            {
                // The changes since the failed attempt are unknown, so everything has to be read again.
                changes = changes with { Everything = true };
                await Task.Delay(Retry, time, cancellationToken);
            }
        }
    }

    public void Dispose() => remove(this);

    internal void Add(string? id)
    {
        lock (_gate)
        {
            if (id is null)
            {
                _everything = true;
            }
            else
            {
                _ids.Add(id);
            }

            if (_arrived.CurrentCount == 0)
            {
                _arrived.Release();
            }
        }
    }

    private static async Task<bool> TryAsync(ChangeSet changes, Func<ChangeSet, Task> onChange)
    {
        try
        {
            await onChange(changes);
            return true;
        }
        catch (Exception exception) when (TransientFailures.IsServerUnavailable(exception))
        {
            return false;
        }
    }
}
