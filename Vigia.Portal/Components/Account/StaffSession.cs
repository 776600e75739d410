using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Api;
using Vigia.Portal.Components.Sessions;

namespace Vigia.Portal.Components.Account;

/// <summary>Who sits at this page, as the <see cref="Actor"/> that every service of Core asks for.</summary>
public sealed class StaffSession(AuthenticationStateProvider authentication)
{
    /// <summary>Where the request that opened the page came from; the document sets it, a circuit has no request to ask.</summary>
    public string? Address { get; set; }

    /// <summary>The signed-in member, with the roles held at this moment.</summary>
    /// <exception cref="ForbiddenException">Nobody is signed in (any more).</exception>
    public async Task<Actor> ActorAsync() => ActorOf((await authentication.GetAuthenticationStateAsync()).User, Address);

    /// <summary>The same as <see cref="ActorAsync"/> for a request outside the pages.</summary>
    /// <exception cref="ForbiddenException">Nobody is signed in.</exception>
    public static Actor ActorOf(ClaimsPrincipal user, string? address)
    {
        if (user.Identity is ApiIdentity { Who: var caller })
        {
            return caller;
        }

        if (user.Identity?.IsAuthenticated != true || !Guid.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out var id))
        {
            throw new ForbiddenException("signed_in");
        }

        var name = user.FindFirstValue(StaffClaims.DisplayName) ?? user.Identity.Name ?? id.ToString();
        return new Actor(id, name, address, [.. user.FindAll(ClaimTypes.Role).Select(claim => claim.Value)])
        {
            TenantScope = user.HasClaim(StaffClaims.Scoped, "true") ? [.. user.FindAll(StaffClaims.TenantScope).Select(claim => int.Parse(claim.Value, CultureInfo.InvariantCulture))] : null,
        };
    }

    /// <summary>The sign-in that the page belongs to.</summary>
    public async Task<Guid?> SignInAsync() => SessionPrincipal.SessionOf((await authentication.GetAuthenticationStateAsync()).User);
}
