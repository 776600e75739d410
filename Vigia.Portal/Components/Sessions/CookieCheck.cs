using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.StaticAssets;
using Vigia.Core.Postgres;
using Vigia.Core.Staff.Sessions;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.Sessions;

/// <summary>
/// Checks the session behind the cookie on every request. A session that was ended, or whose person was disabled, is
/// refused immediately. A person whose roles changed gets a new cookie. A page is one request followed by a circuit, so
/// the additional query does not matter.
/// </summary>
internal sealed class CookieCheck(SessionGate gate, SessionPrincipal principals)
{
    public static Task ValidateAsync(CookieValidatePrincipalContext context) =>
        context.HttpContext.RequestServices.GetRequiredService<CookieCheck>().CheckAsync(context);

    private async Task CheckAsync(CookieValidatePrincipalContext context)
    {
        // Style sheets and scripts are public, and each page requests a dozen of them.
        if (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<StaticAssetDescriptor>() is not null)
        {
            return;
        }

        SessionStanding? standing;
        try
        {
            standing = SessionPrincipal.SessionOf(context.Principal) is { } id
                ? await gate.ReadAsync(id, context.HttpContext.RequestAborted) : null;
        }
        catch (Exception e) when (
            TransientFailures.IsOfServer(e) && context.HttpContext.Features.Get<IExceptionHandlerFeature>() is not null)
        {
            // The page that explains it is public.
            context.RejectPrincipal();
            return;
        }

        if (!principals.MayStay(context.Principal!, standing))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(IdentityConstants.ApplicationScheme);
            return;
        }

        context.HttpContext.Features.Set(standing);
        if (await principals.RenewedAsync(context.Principal!, standing!) is { } renewed)
        {
            context.ReplacePrincipal(renewed);
            context.ShouldRenew = true;
        }
    }
}
