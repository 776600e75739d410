using Vigia.Core.Registry.Feed;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// The rows that a live list shows, and how many rows would come or go if it were read again. A change of a shown row
/// is urgent. A change of any other row only makes the list look, at most once a second, whether it has become another
/// one.
/// </summary>
public sealed class LiveRows
{
    // Replaced as a whole, because the feed asks from its own thread.
    private volatile HashSet<string> _ids = [];

    /// <summary>How many rows came or went since the list was shown.</summary>
    public int Changes { get; private set; }

    /// <summary>The list now shows these rows.</summary>
    public void Show<TId>(IEnumerable<TId> ids) => (_ids, Changes) = (TextOf(ids), 0);

    /// <summary>The list would show these rows if it were read again.</summary>
    public void Compare<TId>(IEnumerable<TId> now)
    {
        var difference = TextOf(now);
        difference.SymmetricExceptWith(_ids);
        Changes = difference.Count;
    }

    /// <summary>Whether a shown row may have changed.</summary>
    public bool AreNamedBy(ChangeSet changes) =>
        changes.Everything || changes.Changes.Any(change => _ids.Contains(change.Id));

    /// <summary>How soon the list wants to know of a change.</summary>
    public ChangeUrgency UrgencyOf(Change change) =>
        _ids.Contains(change.Id) ? ChangeUrgency.Now : ChangeUrgency.Later;

    private static HashSet<string> TextOf<TId>(IEnumerable<TId> ids) => [.. ids.Select(id => $"{id}")];
}
