using Microsoft.AspNetCore.Antiforgery;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Sessions;

/// <summary>What the lock's script asks for. Every POST carries the antiforgery token of its page, also from nobody and from a locked sign-in.</summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup(PortalUrls.Session).AllowAnonymous().DisableAntiforgery().WithMetadata(new WhileLockedAttribute());
        group.MapGet("", State);
        group.MapPost("actividad", TouchAsync);
        group.MapPost("bloquear", LockAsync);
        group.MapPost("desbloquear", UnlockAsync);
    }

    private static IResult State(HttpContext context) => Answer(context.Features.Get<SessionStanding>()?.State ?? SessionState.Over);

    private static Task<IResult> TouchAsync(HttpContext context, IAntiforgery antiforgery, SessionGate gate) => CheckedAsync(context, antiforgery, async session =>
        Answer(await gate.TouchAsync(session, context.RequestAborted) ? SessionState.Open : SessionState.Locked));

    private static Task<IResult> LockAsync(HttpContext context, IAntiforgery antiforgery, SessionGate gate) => CheckedAsync(context, antiforgery, async session =>
    {
        // Not given up when the page that asks goes away.
        await gate.LockAsync(session, CancellationToken.None);
        return Answer(SessionState.Locked);
    });

    private static Task<IResult> UnlockAsync(HttpContext context, IAntiforgery antiforgery, SessionUnlock unlock) => CheckedAsync(context, antiforgery, async _ =>
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        return await unlock.TryAsync(context, form["password"]) switch
        {
            null => Answer(SessionState.Open),
            { Code: "session_over" } => Answer(SessionState.Over),
            var reason => Answer(SessionState.Locked, reason.Render()),
        };
    });

    private static async Task<IResult> CheckedAsync(HttpContext context, IAntiforgery antiforgery, Func<Guid, Task<IResult>> act) =>
        SessionPrincipal.SessionOf(context.User) is not { } session ? Answer(SessionState.Over)
        : await antiforgery.IsRequestValidAsync(context) ? await act(session)
        : Results.BadRequest();

    // Always 200: that a sign-in is locked or over is an answer here and no error, and a browser would put every other status on its console.
    private static IResult Answer(SessionState state, string? message = null) => Results.Json(new { state = state.ToString().ToLowerInvariant(), message });
}
