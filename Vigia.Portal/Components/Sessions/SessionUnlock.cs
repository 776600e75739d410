using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Sessions;

/// <summary>Opens the locked sign-in of a request to who proves who they are.</summary>
internal sealed partial class SessionUnlock(StaffSessions sessions, ILogger<SessionUnlock> logger)
{
    /// <summary>By password. PostgreSQL has no NUL and UTF-8 no lone surrogate: such a text is nobody's.</summary>
    /// <returns>Null when it is open; else why not.</returns>
    public Task<Message?> TryAsync(HttpContext context, string? password) => TryAsync(context, () => Task.FromResult(AccountInput.IsSound(password ?? "") ? password : ""));

    /// <summary>By a proof that is made now, or refused.</summary>
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Opening the locked session of {StaffId} refused ({Code}) from {Address}")]
    private static partial void LogRefused(ILogger logger, Guid? staffId, string code, string? address);
}
