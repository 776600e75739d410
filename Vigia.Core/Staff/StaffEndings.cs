using Microsoft.EntityFrameworkCore;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>What was ended with a person's access.</summary>
internal sealed record EndedAccess(int Sessions, int Tokens);

/// <summary>Ends what a member of staff holds, inside the transaction of its cause.</summary>
internal static class StaffEndings
{
    /// <summary>
    /// New stamps: cookies and circuits of before are refused at their next check, and whoever still holds the row as it was can't write it back
    /// (Identity's store writes all columns of what it once read).
    /// </summary>
    public static void Restamp(StaffMember member)
    {
        member.SecurityStamp = Guid.NewGuid().ToString("N");
        Touch(member);
    }

    /// <summary>Only the second of the two: sign-ins stay.</summary>
    public static void Touch(StaffMember member) => member.ConcurrencyStamp = Guid.NewGuid().ToString();

    public static Task<int> SessionsAsync(MasterContext db, Guid staffId, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Sessions.Where(s => s.StaffId == staffId && s.EndedAt == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), cancellationToken);

    public static Task<int> LinksAsync(MasterContext db, Guid staffId, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.StaffInvitations.Where(i => i.StaffId == staffId && i.UsedAt == null && i.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.RevokedAt, now), cancellationToken);

    /// <summary>Everything: the person is disabled, without roles, sessions, tokens and links; the caller saves.</summary>
    public static async Task<EndedAccess> AllAsync(MasterContext db, StaffMember member, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (member.AccessEndsAt is { } end && end <= now)
        {
            // The roles were worth nothing from that moment on, whenever somebody gets to take them away.
            await db.Database.ExecuteSqlAsync(
                $"""UPDATE portal.staff_role_grants SET until = greatest("from", {end}) WHERE staff_id = {member.Id} AND until IS NULL""", cancellationToken);
        }

        await StaffRoleRows.SetAsync(db, member.Id, [], cancellationToken);
        member.DisabledAt = now;
        Restamp(member);
        await LinksAsync(db, member.Id, now, cancellationToken);
        var tokens = await db.ApiTokens.Where(t => t.StaffId == member.Id && t.RevokedAt == null && t.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.RevokedAt, now), cancellationToken);
        return new EndedAccess(await SessionsAsync(db, member.Id, now, cancellationToken), tokens);
    }
}
