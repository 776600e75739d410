using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>What the cookie says about a member of staff besides Identity's own claims: the name that the audit trail prints.</summary>
internal sealed class StaffClaims(UserManager<StaffMember> members, RoleManager<IdentityRole<Guid>> roles, IOptions<IdentityOptions> options)
    : UserClaimsPrincipalFactory<StaffMember, IdentityRole<Guid>>(members, roles, options)
{
    public const string DisplayName = "display_name";

    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(StaffMember user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        identity.AddClaim(new Claim(DisplayName, string.IsNullOrWhiteSpace(user.FullName) ? user.Email ?? user.Id.ToString() : user.FullName));
        return identity;
    }
}
