using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Registry.Master;

namespace Vigia.Portal.Components.Access;

/// <summary>
/// The cookie's claims about a member of staff in addition to those of Identity: the name that the audit trail shows.
/// </summary>
internal sealed class StaffClaims(
    UserManager<StaffMember> members, RoleManager<IdentityRole<Guid>> roles, IOptions<IdentityOptions> options,
    IDbContextFactory<MasterContext> contexts)
    : UserClaimsPrincipalFactory<StaffMember, IdentityRole<Guid>>(members, roles, options)
{
    public const string DisplayName = "display_name";

    /// <summary>The id of the session. <c>StaffCookie</c> adds it.</summary>
    public const string SessionId = "sid";

    /// <summary>
    /// Present when the person may see only chosen tenants. Each of them has a <see cref="TenantScope"/> claim.
    /// </summary>
    public const string Scoped = "scoped";
    public const string TenantScope = "tenant_scope";

    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(StaffMember user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        identity.AddClaim(new Claim(
            DisplayName, string.IsNullOrWhiteSpace(user.FullName) ? user.Email ?? user.Id.ToString() : user.FullName));
        if (user.IsScoped)
        {
            identity.AddClaim(new Claim(Scoped, "true"));
            await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
            identity.AddClaims(from id in await db.Set<StaffScope>().Where(s => s.StaffId == user.Id)
                .Select(s => s.TenantId).ToListAsync()
                               select new Claim(TenantScope, id.ToString(CultureInfo.InvariantCulture)));
        }

        return identity;
    }
}
