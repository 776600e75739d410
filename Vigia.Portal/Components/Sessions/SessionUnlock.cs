using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Sessions;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.SignIn;

namespace Vigia.Portal.Components.Sessions;

/// <summary>Unlocks the session of a request after a re-authentication.</summary>
public sealed partial class SessionUnlock(StaffSessions sessions, ILogger<SessionUnlock> logger)
{
    /// <summary>
    /// Unlocks by password. PostgreSQL can't store NUL, and UTF-8 has no lone surrogates, so such a text can't be a
    /// password.
    /// </summary>
    /// <returns>Null when the session is unlocked. Otherwise the reason why not.</returns>
    public Task<Message?> TryAsync(HttpContext context, string? password) =>
        TryAsync(context, () => Task.FromResult(AccountInput.IsSound(password ?? "") ? password : ""));

    /// <summary>Unlocks by a proof that <paramref name="prove"/> makes or refuses now.</summary>
    /// <inheritdoc cref="TryAsync(HttpContext, string?)"/>
    public async Task<Message?> TryAsync(HttpContext context, Func<Task<string?>> prove)
    {
        if (SessionPrincipal.SessionOf(context.User) is not { } session)
        {
            return new Message("session_over");
        }

        var actor = StaffSession.ActorOf(context.User, context.Connection.RemoteIpAddress?.ToString());
        try
        {
            await sessions.UnlockAsync(actor, session, await prove(), context.RequestAborted);
            return null;
        }
        catch (RuleException refused)
        {
            LogRefused(logger, actor.StaffId, refused.Reason.Code, actor.Address);
            return refused.Reason;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Unlocking the session of {StaffId} was refused ({Code}) from {Address}")]
    private static partial void LogRefused(ILogger logger, Guid? staffId, string code, string? address);
}
