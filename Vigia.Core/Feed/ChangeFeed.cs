using System.Collections.Immutable;

namespace Vigia.Core.Feed;

/// <summary>What a change is about.</summary>
public enum ChangeTopic
{
    /// <summary>An operation's state, progress or steps; ids are operation ids.</summary>
    Operations,

    /// <summary>A client or the trash; ids are tenant ids.</summary>
    Tenants,

    /// <summary>There may be something to claim.</summary>
    Work,

    /// <summary>A member of staff, their sign-ins or tokens; without ids.</summary>
    Staff,
}

/// <summary>What changed since the last read.</summary>
/// <param name="Everything">Anything may have changed (the connection was lost meanwhile): read all again.</param>
/// <param name="Ids">Ids of the rows that changed: operation ids or tenant ids as text.</param>
public sealed record ChangeSet(bool Everything, IReadOnlySet<string> Ids)
{
    public bool Concerns(object id) => Everything || Ids.Contains(id.ToString()!);
}

/// <summary>
/// Tells everyone in this process that watches what changed in the master. To miss nothing: subscribe first, read the snapshot, then
/// read the changes and the rows they name.
/// </summary>
public sealed class ChangeFeed(TimeProvider time)
{
    private ImmutableHashSet<ChangeSubscription> _subscriptions = [];

    /// <summary>Starts watching; dispose to stop.</summary>
    /// <param name="topic">What to watch.</param>
    /// <param name="atMostEvery">Changes are gathered for this long, so that a page repaints at most so often; 100 ms when null.</param>
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

    private void Remove(ChangeSubscription subscription) => ImmutableInterlocked.Update(ref _subscriptions, all => all.Remove(subscription));
}

/// <summary>One watcher's view of the feed; read by one loop.</summary>
public sealed class ChangeSubscription(ChangeTopic topic, TimeSpan atMostEvery, TimeProvider time, Action<ChangeSubscription> remove) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _arrived = new(0, 1);
    private HashSet<string> _ids = [];
    private bool _everything;
    private long? _lastRead;

    internal ChangeTopic Topic => topic;

    /// <summary>Waits for changes, gathers those that come together, and returns them.</summary>
    public async Task<ChangeSet> ReadAsync(CancellationToken cancellationToken)
    {
        await _arrived.WaitAsync(cancellationToken);

        // The first change after a quiet time is shown at once; a storm is gathered.
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

    /// <summary>Like the other overload, but returns after <paramref name="timeout"/> with whatever there is, possibly nothing.</summary>
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
}
