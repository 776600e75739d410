using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Sessions;

/// <summary>Opens the locked sign-in of a request to who knows the password.</summary>
internal sealed partial class SessionUnlock(StaffSessions sessions, ILogger<SessionUnlock> logger)
{
    /// <returns>Null when it is open; else why not.</returns>
    public async Task<Message?> TryAsync(HttpContext context, string? password)
    {
        if (SessionPrincipal.SessionOf(context.User) is not { } session)
        {
            return new Message("session_over");
        }

        var actor = StaffSession.ActorOf(context.User, context.Connection.RemoteIpAddress?.ToString());
        try
        {
            // PostgreSQL has no NUL and UTF-8 no lone surrogate: such a text is nobody's password.
            await sessions.UnlockAsync(actor, session, AccountInput.IsSound(password ?? "") ? password : "", context.RequestAborted);
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
