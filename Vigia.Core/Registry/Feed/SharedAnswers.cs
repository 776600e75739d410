using System.Collections.Concurrent;

namespace Vigia.Core.Registry.Feed;

/// <summary>A question that many open pages ask at the same time and that has one answer for all of them.</summary>
/// <param name="Name">The kind of the question.</param>
/// <param name="Subject">All other values on which the answer depends. Compared by value.</param>
/// <param name="Topics">The changes after which the answer may be another one.</param>
public sealed record SharedQuestion(string Name, object? Subject, params IReadOnlyList<ChangeTopic> Topics)
{
    /// <summary>The question is asked at most this often, however many pages want its answer.</summary>
    public TimeSpan AtMostEvery { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>
/// Reads what many open pages show alike once for all of them: counts, badges, bands. People share an answer only when
/// they have the same roles and may see the same tenants. An answer is never older than the last change that this
/// process knows of when it was asked for.
/// State of the process: the last answers.
/// </summary>
public sealed class SharedAnswers(ChangeFeed feed, TimeProvider time)
{
    // Covers changes whose notification was lost, e.g. while the connection that listens is opened again.
    private static readonly TimeSpan Oldest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(1);
    private const int ManyEntries = 200;
    private readonly ConcurrentDictionary<Key, Entry> _entries = new();

    /// <summary>Returns the answer that others were given, or reads it together with them.</summary>
    /// <param name="access">
    /// The person's access (<c>Actor.AccessKey</c>). <paramref name="read"/> demands their right.
    /// </param>
    /// <param name="question">The question. Equal questions of people with equal access have one answer.</param>
    /// <param name="read">Reads the answer for everybody who waits for it. Its token is nobody's own.</param>
    /// <param name="cancellationToken">Ends the waiting of this caller only.</param>
    public Task<TAnswer> ReadAsync<TAnswer>(
        string access, SharedQuestion question, Func<CancellationToken, Task<TAnswer>> read,
        CancellationToken cancellationToken)
    {
        Forget();
        var key = new Key(question.Name, question.Subject, access, typeof(TAnswer));
        var entry = _entries.GetOrAdd(key, static (_, now) => new Entry { AskedAt = now }, time.GetTimestamp());
        lock (entry)
        {
            entry.AskedAt = time.GetTimestamp();
            return ((Task<TAnswer>)(Current(entry, question) ?? Start(entry, question, read)))
                .WaitAsync(cancellationToken);
        }
    }

    // An answer that is still right, or a read that has not begun yet and will therefore see the last change.
    private Task? Current(Entry entry, SharedQuestion question)
    {
        if (entry.Next is { IsCompleted: false } next && !entry.HasBegun)
        {
            return next;
        }

        return entry.Next is { IsFaulted: false, IsCanceled: false } last
            && entry.Version == feed.VersionOf(question.Topics)
            && time.GetElapsedTime(entry.BegunAt) < Oldest ? last : null;
    }

    private Task<TAnswer> Start<TAnswer>(
        Entry entry, SharedQuestion question, Func<CancellationToken, Task<TAnswer>> read)
    {
        var rest = entry.Next is null ? TimeSpan.Zero : question.AtMostEvery - time.GetElapsedTime(entry.BegunAt);
        entry.HasBegun = false;
        var pause = rest > TimeSpan.Zero ? Task.Delay(rest, time) : Task.CompletedTask;
        var before = Task.WhenAll(pause, Task.WhenAny(entry.Next ?? Task.CompletedTask));

        // Not on the circuit of the page that happens to ask first: that page may go.
        var reading = Task.Run(() => RunAsync(entry, before, question, read));
        entry.Next = reading;
        return reading;
    }

    private async Task<TAnswer> RunAsync<TAnswer>(
        Entry entry, Task before, SharedQuestion question, Func<CancellationToken, Task<TAnswer>> read)
    {
        // One read at a time. A slow one must not be overtaken.
        await before;
        lock (entry)
        {
            (entry.HasBegun, entry.BegunAt, entry.Version) =
                (true, time.GetTimestamp(), feed.VersionOf(question.Topics));
        }

        return await read(CancellationToken.None);
    }

    private void Forget()
    {
        if (_entries.Count < ManyEntries)
        {
            return;
        }

        foreach (var (key, entry) in _entries)
        {
            if (time.GetElapsedTime(entry.AskedAt) > Forgotten)
            {
                _entries.TryRemove(key, out _);
            }
        }
    }

    private sealed record Key(string Name, object? Subject, string Access, Type Answer);

    private sealed class Entry
    {
        public Task? Next { get; set; }

        public bool HasBegun { get; set; }

        public long BegunAt { get; set; }

        public long Version { get; set; }

        public long AskedAt { get; set; }
    }
}
