using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>What the cookie says about a member of staff besides Identity's own claims: the name that the audit trail prints.</summary>
internal sealed class StaffClaims(UserManager<StaffMember> members, RoleManager<IdentityRole<Guid>> roles, IOptions<IdentityOptions> options, IDbContextFactory<MasterContext> contexts)
    : UserClaimsPrincipalFactory<StaffMember, IdentityRole<Guid>>(members, roles, options)
{
    public const string DisplayName = "display_name";

    /// <summary>There when the person may know of chosen clients only; one <see cref="TenantScope"/> each.</summary>
    public const string Scoped = "scoped";
    public const string TenantScope = "tenant_scope";

    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(StaffMember user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        identity.AddClaim(new Claim(DisplayName, string.IsNullOrWhiteSpace(user.FullName) ? user.Email ?? user.Id.ToString() : user.FullName));
        if (user.IsScoped)
        {
            identity.AddClaim(new Claim(Scoped, "true"));
            await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
            identity.AddClaims(from id in await db.StaffScopes.Where(s => s.StaffId == user.Id).Select(s => s.TenantId).ToListAsync()
                               select new Claim(TenantScope, id.ToString(CultureInfo.InvariantCulture)));
        }

        return identity;
    }
}
