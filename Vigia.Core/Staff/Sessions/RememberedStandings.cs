namespace Vigia.Core.Staff.Sessions;

/// <summary>
/// Remembers for a second how a session stood, because one page view asks for it many times. A change by this process
/// is forgotten at once, and an answer that was read before such a change is not remembered.
/// </summary>
internal sealed class RememberedStandings(TimeProvider time)
{
    private static readonly TimeSpan For = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, (SessionStanding Standing, DateTimeOffset ReadAt)> _known = [];
    private long _version;

    /// <summary>Grows with everything that is forgotten. Read it before the database is asked.</summary>
    public long Version => Interlocked.Read(ref _version);

    public SessionStanding? Find(Guid session)
    {
        lock (_gate)
        {
            return _known.TryGetValue(session, out var known) && IsFresh(known.ReadAt) ? known.Standing : null;
        }
    }

    public void Add(Guid session, SessionStanding standing, long version)
    {
        lock (_gate)
        {
            if (version != _version)
            {
                return;
            }

            foreach (var (old, _) in _known.Where(entry => !IsFresh(entry.Value.ReadAt)).ToList())
            {
                _known.Remove(old);
            }

            _known[session] = (standing, time.GetUtcNow());
        }
    }

    /// <summary>Forgets one session; all of them when none is given.</summary>
    public void Forget(Guid? session)
    {
        lock (_gate)
        {
            _version++;
            if (session is { } one)
            {
                _known.Remove(one);
            }
            else
            {
                _known.Clear();
            }
        }
    }

    private bool IsFresh(DateTimeOffset readAt) => time.GetUtcNow() - readAt < For;
}
