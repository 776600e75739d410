using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.StaticAssets;
using Npgsql;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Sessions;

/// <summary>
/// Looks at the sign-in behind a cookie with every request: one that was ended, or whose person was disabled, is refused at once, and who holds
/// other roles now gets a cookie that says so. A page is one request and then a circuit, so this costs a query where nobody counts it.
/// </summary>
internal sealed class CookieCheck(SessionGate gate, SessionPrincipal principals)
{
    public static Task ValidateAsync(CookieValidatePrincipalContext context) =>
        context.HttpContext.RequestServices.GetRequiredService<CookieCheck>().CheckAsync(context);

    private async Task CheckAsync(CookieValidatePrincipalContext context)
    {
        // Style sheets and scripts are for everybody; a page asks for a dozen of them.
        if (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<StaticAssetDescriptor>() is not null)
        {
            return;
        }

        SessionStanding? standing;
        try
        {
            standing = SessionPrincipal.SessionOf(context.Principal) is { } id ? await gate.ReadAsync(id, context.HttpContext.RequestAborted) : null;
        }
        catch (Exception e) when (IsAway(e) && context.HttpContext.Features.Get<IExceptionHandlerFeature>() is not null)
        {
            // The page that says so is for everybody.
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

    private static bool IsAway(Exception exception) => exception is NpgsqlException || exception.InnerException is NpgsqlException;
}
