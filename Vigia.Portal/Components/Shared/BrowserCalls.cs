using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// Calls of functions in the browser. The answer to a call that was on its way when the connection broke never comes.
/// Therefore no code of a page waits for the browser without a limit, and nothing waits for it at all between a commit
/// and what the person must see. This is the only class that uses <see cref="IJSRuntime"/>.
/// </summary>
public sealed partial class BrowserCalls(
    IJSRuntime js, NavigationManager navigation, CircuitLine line, TimeProvider time, ILogger<BrowserCalls> logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    // As long as a confirmation can be used. The person looks for a key or a telephone.
    private static readonly TimeSpan LimitOfAPerson = TimeSpan.FromMinutes(5);
    private readonly CancellationTokenSource _ending = new();
    private Task _sent = Task.CompletedTask;
    private Task _navigated = Task.CompletedTask;
    private CancellationTokenSource? _navigation;

    /// <summary>The address of the page, as the browser reported it last.</summary>
    public Uri Address => new(navigation.Uri);

    /// <summary>
    /// Calls a function and does not wait for it. Calls arrive in their order. A call that was lost with the connection
    /// is made again when the connection is back.
    /// </summary>
    public void Send(string function, params object?[] arguments)
    {
        if (!_ending.IsCancellationRequested)
        {
            _sent = SendAsync(_sent, function, arguments);
        }
    }

    /// <summary>Asks the browser for something that it knows, such as a preference or a draft.</summary>
    /// <returns>The answer. It is asked for again when the connection was lost meanwhile.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="until"/> was cancelled.</exception>
    public async Task<TAnswer?> AskAsync<TAnswer>(
        string function, CancellationToken until, params object?[] arguments)
    {
        while (true)
        {
            until.ThrowIfCancellationRequested();
            if (await TryAsync<TAnswer>(function, Limit, arguments, until) is (true, var answer))
            {
                return answer;
            }

            await line.WaitUntilBackAsync(until);
        }
    }

    /// <summary>
    /// Asks the browser once for something that a person has just requested, such as a copy or a passkey.
    /// </summary>
    /// <returns>
    /// The answer; the default value when there is none, because the connection was lost or time ran out.
    /// </returns>
    public async Task<TAnswer?> AskOnceAsync<TAnswer>(
        string function, CancellationToken until, params object?[] arguments) =>
        (await TryAsync<TAnswer>(function, LimitOfAPerson, arguments, until)).Answer;

    /// <summary>
    /// Asks the browser once for something that it does by requests of its own, such as storing a passkey. The browser
    /// continues while the connection is lost, so the outcome is asked for afterwards.
    /// </summary>
    /// <returns>The answer of <paramref name="function"/>, or else of <paramref name="outcome"/>.</returns>
    public async Task<TAnswer?> AskOutcomeAsync<TAnswer>(
        string function, string outcome, CancellationToken until, params object?[] arguments)
    {
        var lost = line.Lost;
        var (isAnswered, answer) = await TryAsync<TAnswer>(function, LimitOfAPerson, arguments, until);
        while (!isAnswered && lost.IsCompleted)
        {
            await line.WaitUntilBackAsync(until);
            lost = line.Lost;
            (isAnswered, answer) = await TryAsync<TAnswer>(outcome, LimitOfAPerson, [], until);
        }

        return answer;
    }

    /// <summary>
    /// Goes to another page. A navigation that was lost with the connection is made again when the connection is back,
    /// unless the person has gone somewhere else meanwhile or a newer navigation began.
    /// </summary>
    /// <remarks>
    /// <see cref="NavigationManager"/> waits a minute for the browser's answer. Without one it ends the circuit.
    /// </remarks>
    /// <param name="replace">Whether the Back button skips the page that is left.</param>
    /// <param name="forceLoad">Whether the address needs a full request outside the circuit.</param>
    public void GoTo(string address, bool replace = false, bool forceLoad = false)
    {
        if (!_ending.IsCancellationRequested)
        {
            _navigation?.Cancel();
            _navigation = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
            _navigated = NavigateAsync(_navigated, address, replace, forceLoad, _navigation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested)
        {
            return;
        }

        await _ending.CancelAsync();
        await Task.WhenAll(_sent, _navigated);
        _ending.Dispose();
    }

    private async Task SendAsync(Task before, string function, object?[] arguments)
    {
        try
        {
            await before;
            while (await TryAsync<object>(function, Limit, arguments, _ending.Token) is (false, _))
            {
                await line.WaitUntilBackAsync(_ending.Token);
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The circuit has ended, and its page with it.
            return;
        }
    }

    private async Task NavigateAsync(
        Task before, string address, bool replace, bool forceLoad, CancellationTokenSource ending)
    {
        var from = navigation.Uri;
        var arrived = new TaskCompletionSource();
        void OnChanged(object? sender, LocationChangedEventArgs e) => arrived.TrySetResult();
        navigation.LocationChanged += OnChanged;
        try
        {
            for (var isRepeated = false; !arrived.Task.IsCompleted; isRepeated = true)
            {
                var lost = line.Lost;
                var (answered, navigates) = await TryAsync<bool>(
                    "vigia.goTo", Limit, [from, address, isRepeated, replace, forceLoad], ending.Token);

                // The answer can arrive and the report of the new address be lost.
                if (answered && (!navigates
                    || await Task.WhenAny(arrived.Task, lost, Task.Delay(Limit, time, ending.Token)) != lost))
                {
                    break;
                }

                await line.WaitUntilBackAsync(ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // A newer navigation began, or the circuit has ended, and its page with it.
            return;
        }
        finally
        {
            navigation.LocationChanged -= OnChanged;
            _navigation = _navigation == ending ? null : _navigation;
            await ending.CancelAsync();
            ending.Dispose();
            await before;
        }
    }

    // Whether the browser answered. It did not when the connection was lost or the limit passed.
    private async Task<(bool Answered, TAnswer? Answer)> TryAsync<TAnswer>(
        string function, TimeSpan limit, object?[] arguments, CancellationToken until)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(until, _ending.Token);
        var lost = line.Lost;
        try
        {
            var answer = js.InvokeAsync<TAnswer?>(function, giveUp.Token, arguments).AsTask();
            if (await Task.WhenAny(answer, lost, Task.Delay(limit, time, giveUp.Token)) == answer)
            {
                return (true, await answer);
            }

            until.ThrowIfCancellationRequested();
            return (false, default);
        }
        catch (JSException exception)
        {
            // The function failed there. Calling it again would not help.
            LogFailed(logger, exception, function);
            return (true, default);
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException
            && !until.IsCancellationRequested && !_ending.IsCancellationRequested)
        {
            return (false, default);
        }
        finally
        {
            await giveUp.CancelAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Function} failed in the browser")]
    private static partial void LogFailed(ILogger logger, Exception exception, string function);
}
