using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A component that cancels its reads and waits when it is disposed. A master that is away while a person presses a
/// button leaves the component as it is, with what was typed, and becomes a message. While it is away, what a
/// life-cycle method reads is read again until it answers: an exception there would take the whole page away, with what
/// was typed into another part of it. Only a page that is being opened fails, because it shows nothing yet.
/// </summary>
public abstract class EndingComponent : ComponentBase, IHandleEvent, IHandleAfterRender, IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    // Whether a life-cycle method runs. The methods that it calls inherit the value (docs/decisions/structure.md#d440).
    private static readonly AsyncLocal<bool> KeepsReading = new();
    private readonly CancellationTokenSource _ending = new();
    private bool _isSet;
    private bool _isRendered;

    protected EndingComponent() => Ending = _ending.Token;

    /// <summary>
    /// Cancelled when the component is disposed. Every read of the page takes this token. It stays usable after
    /// disposal, because work that was running when the person left may still ask for it.
    /// </summary>
    protected CancellationToken Ending { get; }

    /// <summary>
    /// Why the last button did nothing: the master is away. Null otherwise. A component that shows it beside its button
    /// says so with <see cref="ShowsAway"/>.
    /// </summary>
    protected string? Away { get; private set; }

    /// <summary>Says that the master is away and that what was typed is still there.</summary>
    internal static string AwayText => new Message("away") is var away ? $"{away.Render()} {away.RenderAdvice()}" : "";

    /// <summary>Whether the component shows <see cref="Away"/> itself. Otherwise it becomes a notice.</summary>
    protected virtual bool ShowsAway => false;

    [CascadingParameter]
    private PageNotices? NoticesOfPage { get; set; }

    /// <summary>
    /// Whether the component is a whole page: its address, or that of its <see cref="PageOf{TPage, TId}"/>, leads here.
    /// </summary>
    private protected bool IsPage => this is IWholePage || GetType().IsDefined(typeof(RouteAttribute), inherit: false);

    /// <summary>Whether the component was disposed, e.g. because its page now shows another tenant.</summary>
    protected bool IsGone => Ending.IsCancellationRequested;

    public override async Task SetParametersAsync(ParameterView parameters)
    {
        KeepsReading.Value = _isSet || !IsPage;
        _isSet = true;
        await base.SetParametersAsync(parameters);
    }

    /// <summary>Runs the life-cycle methods after drawing as <see cref="ComponentBase"/> does.</summary>
    async Task IHandleAfterRender.OnAfterRenderAsync()
    {
        var isFirst = !_isRendered;
        (_isRendered, KeepsReading.Value) = (true, true);
        OnAfterRender(isFirst);
        await OnAfterRenderAsync(isFirst);
    }

    public void Dispose()
    {
        _ending.Cancel();
        Leave();
        _ending.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Runs an event handler as <see cref="ComponentBase"/> does, but keeps the component when the master is away.
    /// </summary>
    async Task IHandleEvent.HandleEventAsync(EventCallbackWorkItem callback, object? arg)
    {
        Away = null;
        var handling = RunAsync(callback, arg);
        StateHasChanged();
        if (handling.IsCompletedSuccessfully)
        {
            return;
        }

        try
        {
            await handling;
        }
        catch (OperationCanceledException) when (handling.IsCanceled)
        {
            // The handler waited for an answer that is no longer needed.
            return;
        }

        StateHasChanged();
    }

    /// <summary>
    /// Runs a read that neither a life-cycle method nor a handler makes, as a life-cycle method would: while the master
    /// is away, it is made again until it answers.
    /// </summary>
    protected static async Task KeepReadingAsync(Func<Task> read)
    {
        KeepsReading.Value = true;
        await read();
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
    /// Reads about <paramref name="subject"/> and shows the answer, after the reads about it that were asked before.
    /// An answer that comes too late is dropped: another subject was asked for meanwhile, or the component was
    /// disposed. An error that comes too late is dropped as well.
    /// </summary>
    /// <param name="kind">
    /// Identifies the place where the answer is shown. Use the same object for every read whose answer goes there.
    /// </param>
    /// <param name="subject">
    /// The subject of the read, e.g. the id of a tenant or the filters of a list. <paramref name="read"/> uses this
    /// value and no parameter of the page. It runs when its turn comes, so what it finds in the component is current.
    /// </param>
    /// <param name="read">Reads the answer.</param>
    /// <param name="show">Stores the answer in the component. Runs on the circuit.</param>
    protected async Task ReadAsync<TSubject, TAnswer>(
        LatestRead kind, TSubject subject, Func<TSubject, CancellationToken, Task<TAnswer>> read,
        Action<TAnswer> show) =>
        await TryReadAsync(kind, subject, read, show);

    /// <summary>
    /// Reads an answer that has no subject. It is shown unless the component was disposed.
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

        using var turn = kind.Ask(subject, Ending);
        TAnswer answer;
        try
        {
            await turn.Before.WaitAsync(turn.Ending);
            answer = await KeepReadingAsync(until => read(subject, until), turn.Ending);
        }
        catch (Exception) when (turn.Ending.IsCancellationRequested)
        {
            return false;
        }

        if (turn.Ending.IsCancellationRequested)
        {
            return false;
        }

        show(answer);
        return true;
    }

    /// <summary>
    /// Reads a value that a life-cycle method needs and that has no place of its own on the page. The rest of the
    /// method has to wait for the answer.
    /// </summary>
    protected Task<TAnswer> FetchAsync<TAnswer>(Func<CancellationToken, Task<TAnswer>> read) =>
        FetchAsync(read, Ending);

    /// <summary>The same, until <paramref name="until"/> is cancelled.</summary>
    protected static Task<TAnswer> FetchAsync<TAnswer>(
        Func<CancellationToken, Task<TAnswer>> read, CancellationToken until) => KeepReadingAsync(read, until);

    /// <summary>Runs the read of a loop or a handler, which see to its failure themselves.</summary>
    private protected static async Task WithoutRetryAsync(Func<Task> run)
    {
        KeepsReading.Value = false;
        await run();
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

    /// <summary>The first thing that is wrong with an input, as a refusal.</summary>
    protected static RuleException FirstOf(InvalidInputException invalid) => new(invalid.Errors.Values.First()[0]);

    private static async Task<TAnswer> KeepReadingAsync<TAnswer>(
        Func<CancellationToken, Task<TAnswer>> read, CancellationToken until)
    {
        while (true)
        {
            try
            {
                return await read(until);
            }
            catch (Exception exception) when (KeepsReading.Value && !until.IsCancellationRequested
                && TransientFailures.IsServerUnavailable(exception))
            {
                await Task.Delay(Retry, until);
            }
        }
    }

    private async Task RunAsync(EventCallbackWorkItem callback, object? arg)
    {
        try
        {
            await WithoutRetryAsync(() => callback.InvokeAsync(arg));
        }
        catch (RuleException refusal) when (NoticesOfPage is not null)
        {
            NoticesOfPage.Refuse(refusal);
        }
        catch (InvalidInputException invalid) when (NoticesOfPage is not null)
        {
            NoticesOfPage.Refuse(FirstOf(invalid));
        }
        catch (Exception exception) when (TransientFailures.IsServerUnavailable(exception))
        {
            Away = IsGone ? null : AwayText;
            if (IsGone || !ShowsAway)
            {
                NoticesOfPage?.Refuse(AwayText);
            }
        }
    }

    /// <summary>Called once when the component is disposed.</summary>
    protected virtual void Leave()
    {
    }
}
