using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Configuration;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>
/// Says whether a sign-in may be used, and keeps its lock. The server's clock decides: a sign-in whose browser sent no sign of input for longer
/// than the limit is locked, whatever that browser believes (21 CFR 11.10(d), 11.300).
/// </summary>
public sealed class SessionGate(IDbContextFactory<MasterContext> contexts, IOptions<StaffOptions> options, TimeProvider time)
{
    /// <summary>A sign-in was locked, unlocked or ended in this process: whoever holds it open looks again. Raised with its id, or null for any.</summary>
    public event Action<Guid?>? Changed;

    /// <summary>How long nobody may touch anything before it locks.</summary>
    public TimeSpan LockAfter => TimeSpan.FromMinutes(options.Value.LockAfterMinutes);

    /// <summary>How a sign-in stands; null when there is none of that id.</summary>
    public async Task<SessionStanding?> ReadAsync(Guid session, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await (from s in db.Sessions.AsNoTracking()
                         where s.Id == session
                         join member in db.Users on s.StaffId equals member.Id
                         select new
                         {
                             Session = s,
                             Member = member,
                             HasPasskey = db.UserPasskeys.Any(p => p.UserId == s.StaffId),
                             Roles = (from held in db.UserRoles join role in db.Roles on held.RoleId equals role.Id where held.UserId == s.StaffId select role.Name!).ToList(),
                             Scope = db.StaffScopes.Where(scope => scope.StaffId == s.StaffId).Select(scope => scope.TenantId).ToList(),
                         }).AsSplitQuery().SingleOrDefaultAsync(cancellationToken);
        if (row is null)
        {
            return null;
        }

        var now = time.GetUtcNow();
        return new SessionStanding
        {
            State = StateOf(row.Session, row.Member, now),
            StaffId = row.Session.StaffId,
            Idle = now - row.Session.LastInputAt,
            HasPasskey = row.HasPasskey,
            SecurityStamp = row.Member.SecurityStamp,
            FullName = row.Member.FullName,
            Roles = row.Roles,
            TenantScope = row.Member.IsScoped ? row.Scope : null,
        };
    }

    /// <summary>Notes that the person did something. What is locked, or should be, stays so.</summary>
    /// <returns>False when it is locked or over.</returns>
    public async Task<bool> TouchAsync(Guid session, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (lockedBefore, overBefore) = (now - LockAfter, now.AddHours(-options.Value.SessionHours));
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);

        // One statement: a ping that comes late must not open what has locked meanwhile.
        return await db.Sessions.Where(s => s.Id == session && s.EndedAt == null && s.LockedAt == null && s.LastInputAt > lockedBefore && s.CreatedAt > overBefore)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LastInputAt, now), cancellationToken) == 1;
    }

    /// <summary>Locks a sign-in; locked already, it stays as it is.</summary>
    public async Task LockAsync(Guid session, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Sessions.Where(s => s.Id == session && s.EndedAt == null && s.LockedAt == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.LockedAt, now), cancellationToken);
        Tell(session);
    }

    /// <summary>
    /// Ends a sign-in without a record of its own: one that another sign-in on the same browser replaces, or any on a master that takes no records.
    /// </summary>
    public async Task CloseAsync(Guid session, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Sessions.Where(s => s.Id == session && s.EndedAt == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), cancellationToken);
        Tell(session);
    }

    internal void Tell(Guid? session) => Changed?.Invoke(session);

    private SessionState StateOf(SignInSession session, StaffMember member, DateTimeOffset now)
    {
        if (session.EndedAt is not null || session.CreatedAt.AddHours(options.Value.SessionHours) <= now || member.DisabledAt is not null || member.AccessEndsAt <= now)
        {
            return SessionState.Over;
        }

        return session.LockedAt is not null || session.LastInputAt + LockAfter <= now ? SessionState.Locked : SessionState.Open;
    }
}
