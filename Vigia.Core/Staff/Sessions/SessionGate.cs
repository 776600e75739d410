using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Sessions;

/// <summary>
/// Decides whether a session may be used, and locks it. Only the server's clock counts: a session is locked when its
/// browser has reported no input for longer than the limit, whatever the browser believes (21 CFR 11.10(d), 11.300).
/// State of the process: who listens to changes of sessions, and how they stood within the last second.
/// </summary>
public sealed class SessionGate(
    IDbContextFactory<MasterContext> contexts, IOptions<StaffOptions> options, TimeProvider time)
{
    private readonly RememberedStandings _remembered = new(time);

    /// <summary>
    /// Raised when a session was locked, unlocked or ended in this process, with its id, or with null when any session
    /// may have changed. Listeners that hold a session open must check it again.
    /// </summary>
    public event Action<Guid?>? Changed;

    /// <summary>Raised with the id of an account when it, or any of its sessions, changed in any process.</summary>
    public event Action<Guid>? AccountChanged;

    /// <summary>Time without input after which a session locks.</summary>
    public TimeSpan LockAfter => TimeSpan.FromMinutes(options.Value.LockAfterMinutes);

    /// <summary>Whether an open session is locked now.</summary>
    public bool IsLocked(SignInSession session) => IsLocked(session, time.GetUtcNow());

    /// <summary>
    /// Returns the current state of a session; null when it does not exist. The answer may be up to a second old,
    /// unless this process knows of a change since then.
    /// </summary>
    public async Task<SessionStanding?> ReadAsync(Guid session, CancellationToken cancellationToken)
    {
        if (_remembered.Find(session) is { } known)
        {
            return known;
        }

        var version = _remembered.Version;
        var standing = await FindAsync(session, cancellationToken);
        if (standing is not null)
        {
            _remembered.Add(session, standing, version);
        }

        return standing;
    }

    // One statement: a person has few roles, so that joining them with the scope costs less than asking twice.
    private async Task<SessionStanding?> FindAsync(Guid session, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await (from s in db.Set<SignInSession>().AsNoTracking()
                         where s.Id == session
                         join member in db.Users on s.StaffId equals member.Id
                         select new
                         {
                             Session = s,
                             Member = member,
                             HasPasskey = db.UserPasskeys.Any(p => p.UserId == s.StaffId),
                             Roles = (from held in db.UserRoles
                                      join role in db.Roles on held.RoleId equals role.Id
                                      where held.UserId == s.StaffId
                                      select role.Name!).ToList(),
                             Scope = db.Set<StaffScope>().Where(scope => scope.StaffId == s.StaffId)
                                 .Select(scope => scope.TenantId).ToList(),
                         }).AsSingleQuery().SingleOrDefaultAsync(cancellationToken);
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

    /// <summary>Records that the person gave input. Does not open a session that is locked or should be.</summary>
    /// <returns>False when it is locked or over.</returns>
    public async Task<bool> TouchAsync(Guid session, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (lockedBefore, overBefore) = (now - LockAfter, now.AddHours(-options.Value.SessionHours));
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);

        // One statement: a late ping must not open a session that has locked in the meantime.
        var isOpen = await db.Set<SignInSession>()
            .Where(s => s.Id == session && s.EndedAt == null && s.LockedAt == null && s.LastInputAt > lockedBefore
            && s.CreatedAt > overBefore)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LastInputAt, now), cancellationToken) == 1;
        _remembered.Forget(session);
        return isOpen;
    }

    /// <summary>Locks a session; one that is already locked stays as it is.</summary>
    public async Task LockAsync(Guid session, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Set<SignInSession>().Where(s => s.Id == session && s.EndedAt == null && s.LockedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LockedAt, now), cancellationToken);
        NotifyChanged(session);
    }

    /// <summary>
    /// Ends a session without an audit record: when another session on the same browser replaces it, or when the master
    /// accepts no records.
    /// </summary>
    public async Task CloseAsync(Guid session, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Set<SignInSession>().Where(s => s.Id == session && s.EndedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), cancellationToken);
        NotifyChanged(session);
    }

    internal void NotifyChanged(Guid? session)
    {
        _remembered.Forget(session);
        Changed?.Invoke(session);
    }

    internal void NotifyAccountChanged(Guid account)
    {
        _remembered.Forget(null);
        AccountChanged?.Invoke(account);
    }

    private bool IsLocked(SignInSession session, DateTimeOffset now) =>
        session.LockedAt is not null || session.LastInputAt + LockAfter <= now;

    private SessionState StateOf(SignInSession session, StaffMember member, DateTimeOffset now)
    {
        if (session.EndedAt is not null || session.CreatedAt.AddHours(options.Value.SessionHours) <= now
            || member.DisabledAt is not null || member.AccessEndsAt <= now)
        {
            return SessionState.Over;
        }

        return IsLocked(session, now) ? SessionState.Locked : SessionState.Open;
    }
}
