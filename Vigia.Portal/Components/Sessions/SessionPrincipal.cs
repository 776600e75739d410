using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Sessions;

/// <summary>The claims of a signed-in person, against what the master says now.</summary>
internal sealed class SessionPrincipal(UserManager<StaffMember> members, IUserClaimsPrincipalFactory<StaffMember> factory, IOptions<IdentityOptions> options)
{
    // What the sign-in put there and no look at the member gives again.
    private static readonly string[] OfTheSignIn = [StaffCookie.SessionId, "amr"];

    /// <summary>The sign-in that a cookie is of; null for nobody.</summary>
    public static Guid? SessionOf(ClaimsPrincipal? user) => Guid.TryParse(user?.FindFirstValue(StaffCookie.SessionId), out var id) ? id : null;

    /// <summary>Whether the sign-in may go on at all, locked or not.</summary>
    public bool MayStay(ClaimsPrincipal user, SessionStanding? standing) =>
        standing is { State: not SessionState.Over }
        && user.FindFirstValue(ClaimTypes.NameIdentifier) == standing.StaffId.ToString()
        && user.FindFirstValue(options.Value.ClaimsIdentity.SecurityStampClaimType) == standing.SecurityStamp;

    /// <summary>The person as they are now.</summary>
    /// <returns>Null when nothing is different.</returns>
    public async Task<ClaimsPrincipal?> RenewedAsync(ClaimsPrincipal user, SessionStanding standing)
    {
        if (IsAsItWas(user, standing) || await members.FindByIdAsync(standing.StaffId.ToString()) is not { } member)
        {
            return null;
        }

        var renewed = await factory.CreateAsync(member);
        ((ClaimsIdentity)renewed.Identity!).AddClaims(user.Claims.Where(claim => OfTheSignIn.Contains(claim.Type)));
        return renewed;
    }

    private static bool IsAsItWas(ClaimsPrincipal user, SessionStanding standing) =>
        Same(user.FindAll(ClaimTypes.Role), standing.Roles)
        && user.HasClaim(StaffClaims.Scoped, "true") == standing.TenantScope is not null
        && Same(user.FindAll(StaffClaims.TenantScope), (standing.TenantScope ?? []).Select(id => id.ToString(CultureInfo.InvariantCulture)))
        && (string.IsNullOrWhiteSpace(standing.FullName) || user.FindFirstValue(StaffClaims.DisplayName) == standing.FullName);

    private static bool Same(IEnumerable<Claim> claims, IEnumerable<string> values) => claims.Select(claim => claim.Value).ToHashSet().SetEquals(values);
}
