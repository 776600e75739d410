using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Components.Shared;

/// <summary>A component that cancels its reads and waits when it is disposed.</summary>
public abstract class EndingComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _ending = new();

    protected EndingComponent() => Ending = _ending.Token;

    /// <summary>
    /// Cancelled when the component is disposed. Every read of the page takes this token. It stays usable after
    /// disposal, because work that was running when the person left may still ask for it.
    /// </summary>
    protected CancellationToken Ending { get; }

    /// <summary>Whether the component was disposed, e.g. because its page now shows another tenant.</summary>
    protected bool IsGone => Ending.IsCancellationRequested;

    public void Dispose()
    {
        _ending.Cancel();
        Leave();
        _ending.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts new work and cancels the work of <paramref name="last"/>, which is now stale.</summary>
    /// <returns>A token that the next call cancels, as does the disposal of the component.</returns>
    protected CancellationToken Newest(ref CancellationTokenSource? last)
    {
        if (Ending.IsCancellationRequested)
        {
            return Ending;
        }

        last?.Cancel();
        last?.Dispose();
        last = CancellationTokenSource.CreateLinkedTokenSource(Ending);
        return last.Token;
    }

    /// <summary>
    /// Reads about <paramref name="subject"/> and shows the answer. An answer that comes too late is dropped: another
    /// subject was asked for meanwhile, a later answer is already shown, or the component was disposed. An error that
    /// comes too late is dropped as well.
    /// </summary>
    /// <param name="kind">
    /// Identifies the place where the answer is shown. Use the same object for every read whose answer goes there.
    /// </param>
    /// <param name="subject">
    /// The subject of the read, e.g. the id of a tenant or the filters of a list. <paramref name="read"/> uses this
    /// value and no parameter of the page.
    /// </param>
    /// <param name="read">Reads the answer.</param>
    /// <param name="show">Stores the answer in the component. Runs on the circuit.</param>
    protected async Task ReadAsync<TSubject, TAnswer>(
        LatestRead kind, TSubject subject, Func<TSubject, CancellationToken, Task<TAnswer>> read,
        Action<TAnswer> show) =>
        await TryReadAsync(kind, subject, read, show);

    /// <summary>
    /// Reads an answer that has no subject. It is shown unless a later answer is already shown or the component was
    /// disposed.
    /// </summary>
    protected Task ReadAsync<TAnswer>(
        LatestRead kind, Func<CancellationToken, Task<TAnswer>> read, Action<TAnswer> show) =>
        ReadAsync(kind, true, (_, until) => read(until), show);

    /// <summary>Reads and shows an answer as <c>ReadAsync</c> does.</summary>
    /// <returns>Whether the answer was shown.</returns>
    protected async Task<bool> TryReadAsync<TSubject, TAnswer>(
        LatestRead kind, TSubject subject, Func<TSubject, CancellationToken, Task<TAnswer>> read, Action<TAnswer> show)
    {
        if (IsGone)
        {
            return false;
        }

        var question = kind.Ask(subject, Ending);
        TAnswer answer;
        try
        {
            answer = await read(subject, question.Ending);
        }
        catch (Exception) when (question.Ending.IsCancellationRequested)
        {
            return false;
        }

        if (!question.TryShow())
        {
            return false;
        }

        show(answer);
        return true;
    }

    /// <summary>
    /// Waits for an answer that is needed before a question, a dialog or an action. Continues only if the component
    /// still exists, so that no dialog about one object opens over the page of another.
    /// </summary>
    /// <exception cref="OperationCanceledException">
    /// The component was disposed. The event handler that waits ends with this exception.
    /// </exception>
    protected async Task<TAnswer> WhileHereAsync<TAnswer>(Task<TAnswer> read)
    {
        var answer = await read;
        Ending.ThrowIfCancellationRequested();
        return answer;
    }

    /// <summary>
    /// A notice about <paramref name="subject"/>. It names the subject if the page has moved on to something else.
    /// </summary>
    protected string NoteAbout(string subject, string text) => IsGone ? $"{subject}: {text}" : text;

    /// <summary>
    /// Shows why a rule refused an action on <paramref name="subject"/>, which is named as in <see cref="NoteAbout"/>.
    /// </summary>
    protected void Refuse(PageNotices notices, string subject, RuleException refusal) =>
        notices.Refuse(NoteAbout(subject, PageNotices.TextOf(refusal)));

    /// <summary>Called once when the component is disposed.</summary>
    protected virtual void Leave()
    {
    }
}
