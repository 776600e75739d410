using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Identity;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Sessions;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// Signs out. This is a POST with an antiforgery token, so that an image on another site can't trigger it.
/// </summary>
internal static class SignOutEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost(PortalUrls.SignOut, SignOutAsync).DisableAntiforgery().AllowAnonymous()
            .WithMetadata(new WhileLockedAttribute());

    private static async Task<IResult> SignOutAsync(
        HttpContext context, IAntiforgery antiforgery, SignInManager<StaffMember> signIn, StaffSessions sessions)
    {
        // The token is checked here and not by the middleware. A person who already signed out in another tab holds an
        // old token and should not get an error page.
        if (context.User.Identity?.IsAuthenticated == true && await antiforgery.IsRequestValidAsync(context))
        {
            if (SessionPrincipal.SessionOf(context.User) is { } session)
            {
                await sessions.SignOutAsync(
                    StaffSession.ActorOf(context.User, context.Connection.RemoteIpAddress?.ToString()), session,
                    context.RequestAborted);
            }

            await signIn.SignOutAsync();
        }

        return Results.LocalRedirect(PortalUrls.SignIn);
    }
}
