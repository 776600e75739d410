using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// Reads and changes the roles of a member of staff in Identity's tables. A trigger keeps their history.
/// </summary>
internal static class StaffRoleRows
{
    public static async Task<IReadOnlyList<string>> OfAsync(
        MasterContext db, Guid id, CancellationToken cancellationToken)
    {
        var held = await (from member in db.UserRoles
                          join role in db.Roles on member.RoleId equals role.Id
                          where member.UserId == id
                          select role.Name!).ToListAsync(cancellationToken);
        return [.. StaffRoles.All.Where(held.Contains)];
    }

    /// <summary>
    /// Adds and removes roles until the member has exactly <paramref name="roles"/>; the caller saves.
    /// </summary>
    public static async Task SetAsync(
        MasterContext db, Guid id, IReadOnlyCollection<string> roles, CancellationToken cancellationToken)
    {
        var known = await db.Roles.AsNoTracking().ToDictionaryAsync(r => r.Id, r => r.Name!, cancellationToken);
        var held = await db.UserRoles.Where(m => m.UserId == id).ToListAsync(cancellationToken);
        db.UserRoles.RemoveRange(held.Where(m => !roles.Contains(known[m.RoleId])));
        var missing = roles.Except(held.Select(m => known[m.RoleId]));
        db.UserRoles.AddRange(
            known.Where(r => missing.Contains(r.Value))
            .Select(r => new IdentityUserRole<Guid> { UserId = id, RoleId = r.Key }));
    }
}
