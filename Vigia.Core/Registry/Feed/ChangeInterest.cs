namespace Vigia.Core.Registry.Feed;

/// <summary>How soon a subscriber wants to know of a change.</summary>
public enum ChangeUrgency
{
    /// <summary>The change does not concern the subscriber. It is dropped.</summary>
    Never,

    /// <summary>With the next changes, at most once every <see cref="ChangeInterest.Later"/>.</summary>
    Later,

    /// <summary>At most once every <see cref="ChangeInterest.Pace"/>.</summary>
    Now,
}

/// <summary>The changes that a subscriber wants, and how often.</summary>
/// <param name="Topics">The topics. Changes of other topics are dropped.</param>
public sealed record ChangeInterest(params IReadOnlyList<ChangeTopic> Topics)
{
    /// <summary>Changes are collected for this long, so that a page repaints no more often than that.</summary>
    public TimeSpan Pace { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Changes of lower urgency are collected for this long.</summary>
    public TimeSpan Later { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Decides how urgent a change is. Called on the thread of the publisher, for each change of the topics: it must be
    /// quick and must not change anything.
    /// </summary>
    public Func<Change, ChangeUrgency> Urgency { get; init; } = _ => ChangeUrgency.Now;

    /// <summary>
    /// Whether the moments at which subscribers read are spread at random. Many open pages then do not all ask at the
    /// same instant, and the more of them are open, the longer each collects.
    /// </summary>
    public bool IsSpread { get; init; }

    internal ChangeUrgency Of(Change change) => Topics.Contains(change.Topic) ? Urgency(change) : ChangeUrgency.Never;
}
