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
    private Task _told = Task.CompletedTask;

    /// <summary>
    /// Calls a function and does not wait for it. Calls arrive in their order. A call that was lost with the connection
    /// is made again when the connection is back.
    /// </summary>
    public void Tell(string function, params object?[] arguments)
    {
        if (!_ending.IsCancellationRequested)
        {
            _told = TellAsync(_told, function, arguments);
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

            await line.BackAsync(until);
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
    /// Goes to another page after something was done. A navigation that was lost with the connection is made again when
    /// the connection is back, unless the person has gone somewhere else meanwhile.
    /// </summary>
    public void GoTo(string address)
    {
        var (from, lost) = (navigation.Uri, line.Lost);
        navigation.NavigateTo(address);
        _told = GoAsync(_told, from, lost, address);
    }

    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested)
        {
            return;
        }

        await _ending.CancelAsync();
        await _told;
        _ending.Dispose();
    }

    private async Task TellAsync(Task before, string function, object?[] arguments)
    {
        try
        {
            await before;
            while (await TryAsync<object>(function, Limit, arguments, _ending.Token) is (false, _))
            {
                await line.BackAsync(_ending.Token);
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The circuit has ended, and its page with it.
            return;
        }
    }

    private async Task GoAsync(Task before, string from, Task lost, string address)
    {
        var arrived = new TaskCompletionSource();
        void OnChanged(object? sender, LocationChangedEventArgs e) => arrived.TrySetResult();
        navigation.LocationChanged += OnChanged;
        try
        {
            await before;
            while (navigation.Uri == from
                && await Task.WhenAny(arrived.Task, lost, Task.Delay(Limit, time, _ending.Token)) == lost)
            {
                await line.BackAsync(_ending.Token);
                lost = line.Lost;
                if (navigation.Uri == from)
                {
                    navigation.NavigateTo(address);
                }
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The circuit has ended, and its page with it.
            return;
        }
        finally
        {
            navigation.LocationChanged -= OnChanged;
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
