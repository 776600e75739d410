using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.SignIn;

/// <summary>
/// Ends sessions that have become insufficient because the setting or the person's roles changed. A person who must use
/// a second factor and signed in without one has to sign in again. A new sign-in begins no session before this
/// requirement is met.
/// </summary>
internal sealed class SecondFactorGate(
    RequestDelegate next, SecondFactorPolicy policy, IDbContextFactory<MasterContext> contexts)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!policy.IsOn || context.User.Identity is not { IsAuthenticated: true, AuthenticationType: var type }
            || type != IdentityConstants.ApplicationScheme
            || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null || await IsMetAsync(context))
        {
            await next(context);
            return;
        }

        await context.RequestServices.GetRequiredService<SignInManager<StaffMember>>().SignOutAsync();
        if (HttpMethods.IsGet(context.Request.Method)
            && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Redirect(PortalUrls.SignInAndReturn(context.Request.Path + context.Request.QueryString));
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
    }

    private async Task<bool> IsMetAsync(HttpContext context)
    {
        var roles = context.User.FindAll(ClaimTypes.Role).Select(claim => claim.Value).ToList();
        if (!policy.IsDemandedOf(roles))
        {
            return true;
        }

        if (!Guid.TryParse(context.User.FindFirstValue(StaffClaims.SessionId), out var id))
        {
            return false;
        }

        await using var db = await contexts.CreateDbContextAsync(context.RequestAborted);
        return await db.Set<SignInSession>().Where(s => s.Id == id).Select(s => s.Method)
            .SingleOrDefaultAsync(context.RequestAborted) is { } method && policy.IsMetBy(method, roles);
    }
}
