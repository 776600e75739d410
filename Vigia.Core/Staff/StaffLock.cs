using Microsoft.EntityFrameworkCore;
using Vigia.Core.Errors;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>
/// One change of staff at a time in the whole master: whether somebody is the last administrator can only be said while nobody else becomes or
/// stops being one. Changes of staff are rare, so one lock for all of them costs nothing.
/// </summary>
internal static class StaffLock
{
    private const long Gate = 0x5649474941_0002;

    /// <summary>Waits for the lock, which the transaction that is open on <paramref name="db"/> holds until it ends.</summary>
    public static Task TakeAsync(MasterContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Gate})", cancellationToken);

    /// <summary>Takes the lock and then the member's row.</summary>
    /// <exception cref="NotFoundException"><c>staff_unknown</c>.</exception>
    public static async Task<StaffMember> MemberAsync(MasterContext db, Guid id, CancellationToken cancellationToken)
    {
        await TakeAsync(db, cancellationToken);
        return await db.Users.FromSql($"SELECT * FROM portal.staff WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("staff_unknown");
    }

    /// <summary>What nobody does to themselves: a slip would shut them out, and a stolen session could make itself permanent.</summary>
    /// <exception cref="RuleException"><c>staff_own_account</c>.</exception>
    public static void RefuseOwn(Actor actor, Guid id)
    {
        if (actor.StaffId == id)
        {
            throw new RuleException("staff_own_account");
        }
    }

    /// <summary>Refuses what would leave the portal without an administrator. Only under the lock.</summary>
    /// <exception cref="RuleException"><c>staff_last_administrator</c>.</exception>
    public static async Task DemandAnotherAdministratorAsync(MasterContext db, StaffMember member, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if ((await StaffRoleRows.OfAsync(db, member.Id, cancellationToken)).Contains(StaffRoles.Administrator) && !await HasAnotherAdministratorAsync(db, member.Id, now, cancellationToken))
        {
            throw new RuleException("staff_last_administrator");
        }
    }

    // Who has been invited and never came in can't help anybody.
    public static Task<bool> HasAnotherAdministratorAsync(MasterContext db, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        (from held in db.UserRoles
         join role in db.Roles on held.RoleId equals role.Id
         join other in db.Users on held.UserId equals other.Id
         where role.Name == StaffRoles.Administrator && other.Id != id && other.DisabledAt == null && (other.AccessEndsAt == null || other.AccessEndsAt > now)
            && (other.PasswordHash != null || other.LastSignInAt != null)
         select other.Id).AnyAsync(cancellationToken);
}
