using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>
/// A circuit lives for hours: every half minute it is asked whether the person may still be there (not disabled, stamp unchanged). In a
/// scope per call, because Identity's managers hold a context.
/// </summary>
internal sealed class StaffRevalidation(ILoggerFactory loggers, IServiceScopeFactory scopes, IOptions<IdentityOptions> options)
    : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => AccountSetup.Recheck;

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var members = scope.ServiceProvider.GetRequiredService<UserManager<StaffMember>>();
            var member = await members.GetUserAsync(authenticationState.User);
            return member is not null
                && !await members.IsLockedOutAsync(member)
                && authenticationState.User.FindFirstValue(options.Value.ClaimsIdentity.SecurityStampClaimType) == member.SecurityStamp;
        }
        catch (Exception exception) when (exception is NpgsqlException { IsTransient: true } || exception.InnerException is NpgsqlException { IsTransient: true })
        {
            // A master that is away for a moment signs nobody out; while it is away nothing can be done either.
            return true;
        }
        catch (ObjectDisposedException)
        {
            // The portal is stopping; the page finds out by itself and comes back.
            return true;
        }
    }
}
