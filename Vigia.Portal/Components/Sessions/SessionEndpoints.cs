using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Antiforgery;
using Vigia.Core.Staff.Sessions;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.Sessions;

/// <summary>
/// The endpoints for the script of the lock. Every POST carries the antiforgery token of its page, also without a
/// session and with a locked one.
/// </summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup(PortalUrls.Session).AllowAnonymous().DisableAntiforgery()
            .WithMetadata(new WhileLockedAttribute());
        group.MapGet("", State);
        group.MapPost("actividad", TouchAsync);
        group.MapPost("bloquear", LockAsync);
        group.MapPost("clave", AskAsync);
        group.MapPost("desbloquear", UnlockAsync);
    }

    private static IResult State(HttpContext context) =>
        Answer(context, context.Features.Get<SessionStanding>()?.State ?? SessionState.Over);

    private static Task<IResult> TouchAsync(HttpContext context, IAntiforgery antiforgery, SessionGate gate) =>
        CheckedAsync(context, antiforgery, async session =>
        Answer(context, await gate.TouchAsync(session, context.RequestAborted) ? SessionState.Open
            : SessionState.Locked));

    private static Task<IResult> LockAsync(HttpContext context, IAntiforgery antiforgery, SessionGate gate) =>
        CheckedAsync(context, antiforgery, async session =>
    {
        // Not cancelled when the page that asked is closed.
        await gate.LockAsync(session, CancellationToken.None);
        return Answer(context, SessionState.Locked);
    });

    // The options for the browser's passkey request. Empty when the person has no passkey, or no longer has one.
    private static Task<IResult> AskAsync(HttpContext context, IAntiforgery antiforgery, PasskeyUnlock passkeys) =>
        CheckedAsync(context, antiforgery, async _ =>
        Answer(context, SessionState.Locked,
            options: await passkeys.AskAsync(context) is { } options ? JsonNode.Parse(options) : null));

    private static Task<IResult> UnlockAsync(
        HttpContext context, IAntiforgery antiforgery, SessionUnlock unlock, PasskeyUnlock passkeys) =>
        CheckedAsync(context, antiforgery, async _ =>
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        return await (form.ContainsKey("credential") ? passkeys.TryAsync(context, form["credential"])
            : unlock.TryAsync(context, form["password"].ToString())) switch
        {
            null => Answer(context, SessionState.Open),
            { Code: "session_over" } => Answer(context, SessionState.Over),
            var reason => Answer(context, SessionState.Locked, reason.Render()),
        };
    });

    private static async Task<IResult> CheckedAsync(
        HttpContext context, IAntiforgery antiforgery, Func<Guid, Task<IResult>> act) =>
        SessionPrincipal.SessionOf(context.User) is not { } session ? Answer(context, SessionState.Over)
        : await antiforgery.IsRequestValidAsync(context) ? await act(session)
        : Results.BadRequest();

    // Always 200. A locked or ended session is a normal answer here, and a browser would report every other status on
    // its console.
    private static IResult Answer(
        HttpContext context, SessionState state, string? message = null, JsonNode? options = null) =>
        Results.Json(new
        {
            state = state.ToString().ToLowerInvariant(),
            passkey = context.Features.Get<SessionStanding>()?.HasPasskey == true, message, options
        });
}
