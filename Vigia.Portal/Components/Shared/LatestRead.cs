namespace Vigia.Portal.Components.Shared;

/// <summary>
/// The reads whose answers are shown at one place, one at a time. A read about the same subject waits for the one
/// before it, so that an older answer never replaces a newer one. A read about another subject cancels the one before
/// it. A component has one instance for each thing that it shows.
/// </summary>
public sealed class LatestRead
{
    private Action? _endSubject;
    private CancellationToken _subjectEnding;
    private object? _subject;
    private Task _last = Task.CompletedTask;

    /// <summary>Queues a read. This cancels the reads about any other subject.</summary>
    internal Turn Ask(object? subject, CancellationToken ending)
    {
        if (_endSubject is null || !Equals(subject, _subject))
        {
            _endSubject?.Invoke();

            // Not disposed: a running read may still use it, and it is collected with the component.
            var source = CancellationTokenSource.CreateLinkedTokenSource(ending);
            (_endSubject, _subjectEnding, _subject) = (source.Cancel, source.Token, subject);
            _last = Task.CompletedTask;
        }

        // Asynchronous continuations could run beside the circuit; these run on it, because the read before ends on it.
        var turn = new Turn(_last, new TaskCompletionSource(), _subjectEnding);
        _last = turn.Ended;
        return turn;
    }

    /// <summary>The turn of one read. Disposing it lets the next read begin.</summary>
    internal readonly struct Turn(Task before, TaskCompletionSource done, CancellationToken ending) : IDisposable
    {
        /// <summary>Cancelled when the answer is no longer needed.</summary>
        public CancellationToken Ending => ending;

        /// <summary>Completes when the reads before this one have ended.</summary>
        public Task Before => before;

        internal Task Ended => done.Task;

        public void Dispose() => done.TrySetResult();
    }
}
