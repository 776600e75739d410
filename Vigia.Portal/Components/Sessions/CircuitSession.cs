using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Options;
using Vigia.Core.Postgres;
using Vigia.Core.Staff.Sessions;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Sessions;

/// <summary>
/// Ties a circuit, which lives for hours, to its session. It checks the session every 30 seconds and whenever the
/// sign-in changes, but not while the circuit has no connection: it does so as soon as the connection is back. If the
/// sign-in has ended, the page goes to the sign-in page. If the roles changed, the circuit gets the new ones. While the
/// session is locked, messages from the browser wait: none is handled and none is lost. Nothing is read for the page
/// meanwhile (<see cref="CircuitLock"/>).
/// </summary>
/// <remarks>
/// While the session is open, messages do not wait, not even for a check. If the browser's acknowledgement of a later
/// render overtook a waiting event, the event would no longer find its handler.
/// </remarks>
// More than five dependencies: the session is read at a pace, and what follows from it concerns all of the circuit.
internal sealed class CircuitSession(
    AuthenticationStateProvider authentication, SessionGate gate, IServiceScopeFactory scopes,
    IOptions<SessionPace> pace, CircuitLock signIn, CircuitLine line, TimeProvider time)
    : CircuitHandler, IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();

    // Never disposed, because events that still wait must be released when the circuit ends. It holds no handle unless
    // AvailableWaitHandle is used.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private TaskCompletionSource _news = New();
    private Guid? _session;
    private Guid? _account;
    private Task _watch = Task.CompletedTask;
    private DateTimeOffset _openUntil;
    private SessionState _last;
    private int _gone;

    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        var user = (await authentication.GetAuthenticationStateAsync()).User;
        _session = SessionPrincipal.SessionOf(user);
        _account = Guid.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out var account) ? account : null;
        if (_session is not null)
        {
            gate.Changed += OnChanged;
            gate.AccountChanged += OnAccountChanged;
            _watch = Task.Run(WatchAsync, CancellationToken.None);

            // A circuit that starts with a locked session renders nothing until it is unlocked.
            await IsOpenAsync();
        }
    }

    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(
        Func<CircuitInboundActivityContext, Task> next) =>
        async context =>
        {
            if (_session is null)
            {
                await next(context);
                return;
            }

            // Messages are handled in the order of their arrival, also after many have waited for the lock: later input
            // must not overtake earlier input.
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

            // Awaited outside the semaphore: a handler may wait for another message from the browser.
            await acted;
        };

    public override async Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken) =>
        await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _gone, 1) == 1)
        {
            return;
        }

        gate.Changed -= OnChanged;
        gate.AccountChanged -= OnAccountChanged;
        await _ending.CancelAsync();
        await _watch;
        _ending.Dispose();
    }

    // Waits while the session is locked. False when the session or the circuit has ended.
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
            await WaitUntilBackAsync();
        }
    }

    // Nobody uses a circuit without a connection. When the connection is back, the sign-in is checked at once.
    private async Task WaitUntilBackAsync()
    {
        try
        {
            await line.WaitUntilBackAsync(_ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The calling loop ends.
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
                SetUser(new ClaimsPrincipal(new ClaimsIdentity()), user);
                return SessionState.Over;
            }

            if (await principals.RenewedAsync(user, standing!) is { } renewed)
            {
                SetUser(renewed, user);
            }

            TrustUntilNextCheck(standing!, news);
            return _last = standing!.State;
        }
        catch (Exception e) when (TransientFailures.IsOfServer(e))
        {
            // A master that is temporarily unavailable signs nobody out, and a locked session stays locked. Nothing can
            // be done without the master anyway.
            return _last;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The circuit ends, or the portal stops.
            return SessionState.Over;
        }
    }

    // Trusts the result until the next check is due, but never longer than the lock timeout allows. A result that was
    // read before the latest change is not trusted.
    private void TrustUntilNextCheck(SessionStanding standing, Task news)
    {
        var (due, left) = (pace.Value.Look + pace.Value.Trust, gate.LockAfter - standing.Idle);
        if (news != _news.Task)
        {
            return;
        }

        signIn.Set(standing.State == SessionState.Locked);
        if (standing.State == SessionState.Open)
        {
            _openUntil = time.GetUtcNow() + (due < left ? due : left);
        }
    }

    private void SetUser(ClaimsPrincipal user, ClaimsPrincipal before)
    {
        if (before.Identity?.IsAuthenticated == true)
        {
            ((ServerAuthenticationStateProvider)authentication)
                .SetAuthenticationState(Task.FromResult(new AuthenticationState(user)));
        }
    }

    private void OnChanged(Guid? session)
    {
        if (session is null || session == _session)
        {
            // A change that may concern every session triggers a check too, but messages do not wait for it.
            _openUntil = session is null ? _openUntil : default;
            Interlocked.Exchange(ref _news, New()).TrySetResult();
        }
    }

    // Messages do not wait for the check, as after a change that may concern every session.
    private void OnAccountChanged(Guid account)
    {
        if (account == _account)
        {
            OnChanged(null);
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
            // The calling loop checks again or ends.
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
