using System.Collections.Immutable;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// Notices about this process that every visitor must see (read-only, private cluster). Start-up code adds them.
/// <c>Key</c> names a text in <c>LayoutText.resx</c>.
/// State of the process: the notices.
/// </summary>
public sealed class PortalNotices
{
    public sealed record Notice(string Key, bool Severe);

    public const string ReadOnly = "ReadOnlyBand";
    public const string PrivateCluster = "PrivateClusterBand";

    private ImmutableArray<Notice> _current = [];

    public ImmutableArray<Notice> Current => _current;

    public void Add(string key, bool severe) =>
        ImmutableInterlocked.Update(
            ref _current, (all, notice) => all.Contains(notice) ? all : all.Add(notice), new Notice(key, severe));

    public void Remove(string key) =>
        ImmutableInterlocked.Update(ref _current, (all, gone) => all.RemoveAll(notice => notice.Key == gone), key);
}
