using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Sessions;

/// <summary>
/// Ties a circuit, which lives for hours, to its sign-in. Looks every half minute, and as soon as something happens to it: ended, the page goes to
/// the sign-in page; other roles, it gets them. While the sign-in is locked, what the browser sends waits: nothing is answered, nothing is lost.
/// </summary>
/// <remarks>
/// While it is open nothing waits, not even for a look: an event that is overtaken by the browser's receipt of a later drawing finds its handler gone.
/// </remarks>
internal sealed class CircuitSession(
    AuthenticationStateProvider authentication, SessionGate gate, IServiceScopeFactory scopes, IOptions<SessionPace> pace, TimeProvider time) : CircuitHandler, IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();

    // Never disposed of: events that still wait when the circuit ends have to be let go, and it holds no handle unless one is asked for.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private TaskCompletionSource _news = New();
    private Guid? _session;
    private Task _watch = Task.CompletedTask;
    private DateTimeOffset _openUntil;
    private SessionState _last;
    private int _gone;

    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        _session = SessionPrincipal.SessionOf((await authentication.GetAuthenticationStateAsync()).User);
        if (_session is not null)
        {
            gate.Changed += OnChanged;
            _watch = Task.Run(WatchAsync, CancellationToken.None);

            // A circuit that a locked sign-in starts draws nothing until it is open again.
            await IsOpenAsync();
        }
    }

    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) =>
        async context =>
        {
            if (_session is null)
            {
                await next(context);
                return;
            }

            // In the order in which they came, also when many have waited for the lock: what was typed first must not overtake what was typed last.
            Task acted;
            await _turn.WaitAsync();
            try
            {
                acted = time.GetUtcNow() < _openUntil || await IsOpenAsync() ? next(context) : Task.CompletedTask;
            }
            finally
            {
                _turn.Release();
            }

            // Not while it is one's turn: what is done may wait for something else that the browser sends.
            await acted;
        };

    public override async Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken) => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _gone, 1) == 1)
        {
            return;
        }

        gate.Changed -= OnChanged;
        await _ending.CancelAsync();
        await _watch;
        _ending.Dispose();
    }

    // Waits while it is locked. False when it is over, or the circuit is.
    private async Task<bool> IsOpenAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            var news = _news.Task;
            switch (await StateAsync())
            {
                case SessionState.Open:
                    return true;
                case SessionState.Over:
                    return false;
                default:
                    await WaitAsync(news, pace.Value.Trust);
                    break;
            }
        }

        return false;
    }

    private async Task WatchAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            var news = _news.Task;
            await StateAsync();
            await WaitAsync(news, pace.Value.Look);
        }
    }

    private async Task<SessionState> StateAsync()
    {
        var news = _news.Task;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var principals = scope.ServiceProvider.GetRequiredService<SessionPrincipal>();
            var standing = await gate.ReadAsync(_session!.Value, _ending.Token);
            var user = (await authentication.GetAuthenticationStateAsync()).User;
            if (user.Identity?.IsAuthenticated != true || !principals.MayStay(user, standing))
            {
                Become(new ClaimsPrincipal(new ClaimsIdentity()), user);
                return SessionState.Over;
            }

            if (await principals.RenewedAsync(user, standing!) is { } renewed)
            {
                Become(renewed, user);
            }

            TrustIt(standing!, news);
            return _last = standing!.State;
        }
        catch (Exception e) when (e is NpgsqlException || e.InnerException is NpgsqlException)
        {
            // A master that is away for a moment signs nobody out, and what was locked stays so; while it is away nothing can be done either.
            return _last;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The circuit goes, or the portal stops.
            return SessionState.Over;
        }
    }

    // Until the next look is due, and never longer than the server's clock allows. What was read before the latest news says nothing.
    private void TrustIt(SessionStanding standing, Task news)
    {
        var (due, left) = (pace.Value.Look + pace.Value.Trust, gate.LockAfter - standing.Idle);
        if (standing.State == SessionState.Open && news == _news.Task)
        {
            _openUntil = time.GetUtcNow() + (due < left ? due : left);
        }
    }

    private void Become(ClaimsPrincipal user, ClaimsPrincipal before)
    {
        if (before.Identity?.IsAuthenticated == true)
        {
            ((ServerAuthenticationStateProvider)authentication).SetAuthenticationState(Task.FromResult(new AuthenticationState(user)));
        }
    }

    private void OnChanged(Guid? session)
    {
        if (session is null || session == _session)
        {
            // What concerns anybody is looked at at once too, but nothing waits for that.
            _openUntil = session is null ? _openUntil : default;
            Interlocked.Exchange(ref _news, New()).TrySetResult();
        }
    }

    private async Task WaitAsync(Task news, TimeSpan atMost)
    {
        try
        {
            await news.WaitAsync(atMost, time, _ending.Token);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // Looked at again, or over: the loops ask.
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
