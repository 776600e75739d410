using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Sessions;

namespace Vigia.Portal.Components.Access;

/// <summary>Compares the claims of a signed-in person with the current data of the master.</summary>
internal sealed class SessionPrincipal(
    UserManager<StaffMember> members, IUserClaimsPrincipalFactory<StaffMember> factory,
    IOptions<IdentityOptions> options)
{
    // Claims that were set at the sign-in and can't be derived from the member.
    private static readonly string[] OfTheSignIn = [StaffClaims.SessionId, "amr"];

    /// <summary>The session that a cookie belongs to. Null when nobody is signed in.</summary>
    public static Guid? SessionOf(ClaimsPrincipal? user) =>
        Guid.TryParse(user?.FindFirstValue(StaffClaims.SessionId), out var id) ? id : null;

    /// <summary>Whether the session is still valid, locked or not.</summary>
    public bool MayStay(ClaimsPrincipal user, SessionStanding? standing) =>
        standing is { State: not SessionState.Over }
        && user.FindFirstValue(ClaimTypes.NameIdentifier) == standing.StaffId.ToString()
        && user.FindFirstValue(options.Value.ClaimsIdentity.SecurityStampClaimType) == standing.SecurityStamp;

    /// <summary>The claims with the person's current data.</summary>
    /// <returns>Null when nothing has changed.</returns>
    public async Task<ClaimsPrincipal?> RenewedAsync(ClaimsPrincipal user, SessionStanding standing)
    {
        if (IsUnchanged(user, standing) || await members.FindByIdAsync(standing.StaffId.ToString()) is not { } member)
        {
            return null;
        }

        var renewed = await factory.CreateAsync(member);
        ((ClaimsIdentity)renewed.Identity!).AddClaims(user.Claims.Where(claim => OfTheSignIn.Contains(claim.Type)));
        return renewed;
    }

    private static bool IsUnchanged(ClaimsPrincipal user, SessionStanding standing) =>
        Same(user.FindAll(ClaimTypes.Role), standing.Roles)
        && user.HasClaim(StaffClaims.Scoped, "true") == standing.TenantScope is not null
        && Same(user.FindAll(StaffClaims.TenantScope),
            (standing.TenantScope ?? []).Select(id => id.ToString(CultureInfo.InvariantCulture)))
        && (string.IsNullOrWhiteSpace(standing.FullName)
            || user.FindFirstValue(StaffClaims.DisplayName) == standing.FullName);

    private static bool Same(IEnumerable<Claim> claims, IEnumerable<string> values) =>
        claims.Select(claim => claim.Value).ToHashSet().SetEquals(values);
}
