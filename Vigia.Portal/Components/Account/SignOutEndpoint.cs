using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Identity;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Sessions;

namespace Vigia.Portal.Components.Account;

/// <summary>Signing out is a POST with a token, so that no picture on another site can do it.</summary>
internal static class SignOutEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost(PortalUrls.SignOut, SignOutAsync).DisableAntiforgery().AllowAnonymous().WithMetadata(new WhileLockedAttribute());

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery, SignInManager<StaffMember> signIn, StaffSessions sessions)
    {
        // Checked here and not by the middleware: who is signed out already (in another tab) holds a token of before and wants no error page.
        if (context.User.Identity?.IsAuthenticated == true && await antiforgery.IsRequestValidAsync(context))
        {
            if (SessionPrincipal.SessionOf(context.User) is { } session)
            {
                await sessions.SignOutAsync(StaffSession.ActorOf(context.User, context.Connection.RemoteIpAddress?.ToString()), session, context.RequestAborted);
            }

            await signIn.SignOutAsync();
        }

        return Results.LocalRedirect(PortalUrls.SignIn);
    }
}
