using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// A lock in the master that allows one change of staff at a time. Whether somebody is the last administrator can only
/// be decided while nobody else gains or loses that role. Changes of staff are rare, so one lock for all of them is
/// enough.
/// </summary>
internal static class TeamLock
{
    private const long Gate = 0x5649474941_0002;

    /// <summary>
    /// Waits for the lock. The open transaction of <paramref name="db"/> holds it until the transaction ends.
    /// </summary>
    public static Task LockAsync(MasterContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Gate})", cancellationToken);

    /// <summary>Acquires the lock and then locks the member's row.</summary>
    /// <exception cref="NotFoundException"><c>staff_unknown</c>.</exception>
    public static async Task<StaffMember> LockMemberAsync(
        MasterContext db, Guid id, CancellationToken cancellationToken)
    {
        await LockAsync(db, cancellationToken);
        return await db.Users.FromSql($"SELECT * FROM portal.staff WHERE id = {id} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken)
            ?? throw new NotFoundException("staff_unknown");
    }

    /// <summary>
    /// Reads the member without the lock, for checks before a signature is proved. The proof uses another connection,
    /// so it must come before the lock.
    /// </summary>
    /// <exception cref="NotFoundException"><c>staff_unknown</c>.</exception>
    public static async Task<StaffMember> ReadMemberAsync(
        MasterContext db, Guid id, CancellationToken cancellationToken) =>
        await db.Users.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancellationToken)
            ?? throw new NotFoundException("staff_unknown");

    /// <summary>
    /// Refuses actions on one's own account: a mistake would lock the person out, and a stolen session could make
    /// itself permanent.
    /// </summary>
    /// <exception cref="RuleException"><c>staff_own_account</c>.</exception>
    public static void RefuseOwnAccount(Actor actor, Guid id)
    {
        if (actor.StaffId == id)
        {
            throw new RuleException("staff_own_account");
        }
    }

    /// <summary>
    /// Refuses a change that would leave the portal without an administrator. Call it only while holding the lock.
    /// </summary>
    /// <exception cref="RuleException"><c>staff_last_administrator</c>.</exception>
    public static async Task DemandAnotherAdministratorAsync(
        MasterContext db, StaffMember member, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if ((await StaffRoleRows.OfAsync(db, member.Id, cancellationToken)).Contains(StaffRoles.Administrator)
            && !await HasAnotherAdministratorAsync(db, member.Id, now, cancellationToken))
        {
            throw new RuleException("staff_last_administrator");
        }
    }

    public static async Task<bool> HasAnotherAdministratorAsync(
        MasterContext db, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await AdministratorsAsync(db, now, cancellationToken)).Any(other => other != id);

    /// <summary>
    /// The administrators who can sign in: enabled, and not only invited, because a person who never signed in can't
    /// help anybody.
    /// </summary>
    public static Task<List<Guid>> AdministratorsAsync(
        MasterContext db, DateTimeOffset now, CancellationToken cancellationToken) =>
        (from held in db.UserRoles
         join role in db.Roles on held.RoleId equals role.Id
         join member in db.Users on held.UserId equals member.Id
         where role.Name == StaffRoles.Administrator && member.DisabledAt == null
             && (member.AccessEndsAt == null || member.AccessEndsAt > now)
            && (member.PasswordHash != null || member.LastSignInAt != null)
         select member.Id).ToListAsync(cancellationToken);
}
