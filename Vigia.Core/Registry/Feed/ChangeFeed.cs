using System.Collections.Immutable;

namespace Vigia.Core.Registry.Feed;

/// <summary>
/// Notifies subscribers in this process of changes in the master. To miss no change: subscribe first, read the
/// snapshot, then read the changes and the rows that they name.
/// State of the process: the subscriptions, and how many changes of each topic there were.
/// </summary>
public sealed class ChangeFeed(TimeProvider time)
{
    // Measured: reading and drawing one open page costs about a millisecond of the processor, and a page has about
    // eight subscriptions. With this much for each, drawing all of them takes less than a third of a core.
    private static readonly TimeSpan SpreadOfEach = TimeSpan.FromMicroseconds(400);
    private static readonly TimeSpan LeastPace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MostSpread = TimeSpan.FromSeconds(1);
    private readonly long[] _counts = new long[Enum.GetValues<ChangeTopic>().Length];
    private ImmutableHashSet<ChangeSubscription> _subscriptions = [];

    /// <summary>How far the reads of spread subscribers lie apart. Grows with their number.</summary>
    internal TimeSpan Spread
    {
        get
        {
            var spread = SpreadOfEach * _subscriptions.Count;
            return spread < MostSpread ? spread : MostSpread;
        }
    }

    /// <summary>How often an open page may read: a tenth of a second, and up to a second when many are open.</summary>
    public TimeSpan Pace => Spread > LeastPace ? Spread : LeastPace;

    /// <summary>Subscribes to topics. Dispose the subscription to end it.</summary>
    public ChangeSubscription Subscribe(ChangeInterest interest)
    {
        var subscription = new ChangeSubscription(interest, this, time);
        ImmutableInterlocked.Update(ref _subscriptions, all => all.Add(subscription));
        return subscription;
    }

    /// <summary>Subscribes to all changes of one topic.</summary>
    public ChangeSubscription Subscribe(ChangeTopic topic, TimeSpan? atMostEvery = null) =>
        Subscribe(new ChangeInterest(topic) { Pace = atMostEvery ?? TimeSpan.FromMilliseconds(100) });

    /// <summary>
    /// A number that grows with every change of these topics. An answer that was read after it had this value is
    /// current while the value stays.
    /// </summary>
    public long VersionOf(IReadOnlyList<ChangeTopic> topics)
    {
        var version = 0L;
        foreach (var topic in topics)
        {
            version += Interlocked.Read(ref _counts[(int)topic]);
        }

        return version;
    }

    internal void Publish(ChangeTopic topic, string id)
    {
        Interlocked.Increment(ref _counts[(int)topic]);
        foreach (var subscription in _subscriptions)
        {
            subscription.Add(new Change(topic, id));
        }
    }

    internal void PublishEverything()
    {
        for (var topic = 0; topic < _counts.Length; topic++)
        {
            Interlocked.Increment(ref _counts[topic]);
        }

        foreach (var subscription in _subscriptions)
        {
            subscription.AddEverything();
        }
    }

    internal void Remove(ChangeSubscription subscription) =>
        ImmutableInterlocked.Update(ref _subscriptions, all => all.Remove(subscription));
}
