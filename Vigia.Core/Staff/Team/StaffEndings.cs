using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Core.Staff.Team;

/// <summary>Ends what a member of staff holds, inside the caller's transaction.</summary>
internal static class StaffEndings
{
    public static Task<int> SessionsAsync(
        MasterContext db, Guid staffId, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Set<SignInSession>().Where(s => s.StaffId == staffId && s.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), cancellationToken);

    /// <summary>
    /// Ends what somebody who had the account may have left behind: unused links, and browsers that count as known.
    /// </summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> TracesAsync(
        MasterContext db, Guid staffId, DateTimeOffset now, CancellationToken cancellationToken) =>
        await LinksAsync(db, staffId, now, cancellationToken)
        + await KnownBrowsers.ForgetAsync(db, staffId, cancellationToken);

    /// <summary>Revokes unused links and cancels the pending mails that carry one.</summary>
    public static async Task<int> LinksAsync(
        MasterContext db, Guid staffId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ended = await db.Set<StaffInvitation>()
            .Where(i => i.StaffId == staffId && i.UsedAt == null && i.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.RevokedAt, now), cancellationToken);
        await db.Set<OutboxMessage>()
            .Where(m => m.StaffId == staffId && m.Kind == Outbox.StaffLink && m.State == OutboxState.Pending)
            .ExecuteUpdateAsync(
                set => set.SetProperty(m => m.State, OutboxState.Superseded)
                .SetProperty(m => m.ProtectedBody, (string?)null), cancellationToken);
        return ended;
    }

    /// <summary>
    /// Disables the person and ends their roles, sessions, tokens and links; the caller saves.
    /// </summary>
    public static async Task<EndedAccess> AllAsync(
        MasterContext db, StaffMember member, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (member.AccessEndsAt is { } end && end <= now)
        {
            // The roles gave no rights after the access ended, even if they are removed later.
            await db.Database.ExecuteSqlAsync(
                $"""
                UPDATE portal.staff_role_grants SET until = greatest("from", {end})
                WHERE staff_id = {member.Id} AND until IS NULL
                """, cancellationToken);
        }

        await StaffRoleRows.SetAsync(db, member.Id, [], cancellationToken);
        member.DisabledAt = now;
        StaffStamps.Restamp(member);
        await TracesAsync(db, member.Id, now, cancellationToken);
        var tokens = await StaffTokens.RevokeAsync(db, member.Id, now, andPersonal: true, cancellationToken);
        return new EndedAccess(await SessionsAsync(db, member.Id, now, cancellationToken), tokens);
    }
}
