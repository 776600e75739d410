namespace Vigia.Portal.Components.Shared;

/// <summary>
/// Decides whether an answer may still be shown. It may not be shown when the component was disposed, when another
/// subject was asked for meanwhile, or when the answer to a later question is already shown. A component has one
/// instance for each thing that it shows.
/// </summary>
public sealed class LatestRead
{
    private Action? _endSubject;
    private CancellationToken _subjectEnding;
    private object? _subject;
    private int _asked;
    private int _shown;

    /// <summary>
    /// Starts a question. This cancels the questions about any other subject. Earlier questions about the same subject
    /// continue, so that frequent changes can't keep all answers from being shown.
    /// </summary>
    internal Question Ask(object? subject, CancellationToken ending)
    {
        if (_endSubject is null || !Equals(subject, _subject))
        {
            _endSubject?.Invoke();

            // Not disposed: a running read may still use it, and it is collected with the component.
            var source = CancellationTokenSource.CreateLinkedTokenSource(ending);
            (_endSubject, _subjectEnding, _subject) = (source.Cancel, source.Token, subject);
        }

        return new Question(this, ++_asked, _subjectEnding);
    }

    internal readonly struct Question(LatestRead read, int number, CancellationToken ending)
    {
        /// <summary>Cancelled when the answer is no longer needed.</summary>
        public CancellationToken Ending => ending;

        /// <summary>Marks this answer as the one that is shown.</summary>
        /// <returns>False when it comes too late to be shown.</returns>
        public bool TryShow()
        {
            if (ending.IsCancellationRequested || number < read._shown)
            {
                return false;
            }

            read._shown = number;
            return true;
        }
    }
}
