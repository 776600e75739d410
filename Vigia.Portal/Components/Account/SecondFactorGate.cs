using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>
/// Ends sign-ins that were enough when they were made and are not any more, because the setting or the person's roles changed: whoever has to
/// use a second factor and came in without one has to come in again. At a new sign-in there is no session before it is met.
/// </summary>
internal sealed class SecondFactorGate(RequestDelegate next, SecondFactorPolicy policy, IDbContextFactory<MasterContext> contexts)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!policy.IsOn || context.User.Identity is not { IsAuthenticated: true, AuthenticationType: var type } || type != IdentityConstants.ApplicationScheme
            || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null || await IsMetAsync(context))
        {
            await next(context);
            return;
        }

        await context.RequestServices.GetRequiredService<SignInManager<StaffMember>>().SignOutAsync();
        if (HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
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

        if (!Guid.TryParse(context.User.FindFirstValue(StaffCookie.SessionId), out var id))
        {
            return false;
        }

        await using var db = await contexts.CreateDbContextAsync(context.RequestAborted);
        return await db.Sessions.Where(s => s.Id == id).Select(s => s.Method).SingleOrDefaultAsync(context.RequestAborted) is { } method && policy.IsMetBy(method, roles);
    }
}
