using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Components.Access;

/// <summary>The person who uses this page, as the <see cref="Actor"/> that every service of Core requires.</summary>
public sealed class StaffSession(AuthenticationStateProvider authentication)
{
    /// <summary>
    /// The address of the request that opened the page. The document sets it, because a circuit has no request.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>The signed-in member of staff with their current roles.</summary>
    /// <exception cref="ForbiddenException">Nobody is signed in, or the session has ended.</exception>
    public async Task<Actor> ActorAsync() =>
        ActorOf((await authentication.GetAuthenticationStateAsync()).User, Address);

    /// <summary>The same as <see cref="ActorAsync"/>, for a request outside the pages.</summary>
    /// <exception cref="ForbiddenException">Nobody is signed in.</exception>
    public static Actor ActorOf(ClaimsPrincipal user, string? address)
    {
        if (user.Identity is ApiIdentity { Who: var caller })
        {
            return caller;
        }

        if (user.Identity?.IsAuthenticated != true
            || !Guid.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out var id))
        {
            throw new ForbiddenException("signed_in");
        }

        var name = user.FindFirstValue(StaffClaims.DisplayName) ?? user.Identity.Name ?? id.ToString();
        return new Actor(id, name, address, [.. user.FindAll(ClaimTypes.Role).Select(claim => claim.Value)])
        {
            TenantScope = user.HasClaim(StaffClaims.Scoped, "true")
                ? [.. user.FindAll(StaffClaims.TenantScope)
                .Select(claim => int.Parse(claim.Value, CultureInfo.InvariantCulture))] : null,
            SignInId = SessionPrincipal.SessionOf(user),
        };
    }

    /// <summary>The session that the page belongs to.</summary>
    public async Task<Guid?> SignInAsync() =>
        SessionPrincipal.SessionOf((await authentication.GetAuthenticationStateAsync()).User);
}
