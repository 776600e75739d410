using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Core.Staff.Team;

/// <summary>Lists the members of staff and what each of them holds.</summary>
public sealed class StaffDirectory(
    IDbContextFactory<MasterContext> contexts, SignInThrottle throttle, IOptions<StaffOptions> options,
    TimeProvider time)
{
    /// <summary>Lists all members, past and present, by name. Members of staff are never deleted.</summary>
    public async Task<IReadOnlyList<StaffSummary>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await SummariesAsync(
            db, db.Users.OrderBy(s => EF.Functions.Collate(s.FullName, MasterContext.Collation)).ThenBy(s => s.Email),
            cancellationToken);
    }

    /// <summary>One member of staff.</summary>
    /// <exception cref="NotFoundException"><c>staff_unknown</c>.</exception>
    public async Task<StaffDetails> GetAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var member = (await SummariesAsync(db, db.Users.Where(s => s.Id == id), cancellationToken)).SingleOrDefault()
            ?? throw new NotFoundException("staff_unknown");
        return new StaffDetails(
            member,
            member.ScopeSize is null ? null : await ScopeAsync(db, id, cancellationToken),
            await OpenSessions(db).Where(s => s.StaffId == id).OrderByDescending(s => s.LastInputAt)
                .ToListAsync(cancellationToken),
            await TokensAsync(db, id, cancellationToken),
            await db.Set<RoleGrant>().AsNoTracking().Where(g => g.StaffId == id).OrderByDescending(g => g.From)
                .ThenBy(g => g.Role).ToListAsync(cancellationToken),
            member.Roles.Contains(StaffRoles.Administrator)
                && !await TeamLock.HasAnotherAdministratorAsync(db, id, time.GetUtcNow(), cancellationToken),
            await MailAsync(db, member, cancellationToken));
    }

    /// <summary>Returns what disabling the member would end or leave as it is.</summary>
    public async Task<StaffHoldings> HoldingsAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return new StaffHoldings(
            await OpenSessions(db).CountAsync(s => s.StaffId == id, cancellationToken),
            await TokensAsync(db, id, cancellationToken),
            await db.Set<Approval>()
                .Where(a => a.RequestedBy == id && a.State == ApprovalState.Waiting && a.OperationId != null)
                .OrderBy(a => a.RequestedAt)
                .Select(a => new AskedFor(
                    a.OperationId!.Value, new OperationKind(a.Action.Code), a.LegalName ?? a.Subdomain))
                .ToListAsync(cancellationToken),
            await db.Set<Operation>()
                .Where(o => o.RequestedBy == id && OperationStates.Unfinished.Contains(o.State)
                && !db.Set<Approval>().Any(a => a.OperationId == o.Id && a.State == ApprovalState.Waiting))
                .OrderBy(o => o.CreatedAt).Select(o => new AskedFor(
                    o.Id, o.Kind,
                    db.Set<Tenant>().Where(t => t.Id == o.TenantId).Select(t => t.LegalName).FirstOrDefault()
                        ?? db.Set<TrashedTenant>().Where(t => t.Id == o.TenantId).Select(t => t.LegalName)
                            .FirstOrDefault() ?? o.Subdomain))
                .ToListAsync(cancellationToken));
    }

    // A mail and its link expire at the same moment. A link that was shown to somebody has no mail.
    private static async Task<OutboxMessage?> MailAsync(
        MasterContext db, StaffSummary member, CancellationToken cancellationToken) =>
        member.LinkExpiresAt is { } until
            ? await db.Set<OutboxMessage>().AsNoTracking()
                .Where(m => m.StaffId == member.Id && m.Kind == Outbox.StaffLink && m.ExpiresAt == until)
                .OrderByDescending(m => m.CreatedAt).FirstOrDefaultAsync(cancellationToken)
            : null;

    // A session is over after its hours, even if no row says so yet.
    private IQueryable<SignInSession> OpenSessions(MasterContext db)
    {
        var since = time.GetUtcNow().AddHours(-options.Value.SessionHours);
        return db.Set<SignInSession>().AsNoTracking().Where(s => s.EndedAt == null && s.CreatedAt > since);
    }

    private Task<List<TokenSummary>> TokensAsync(MasterContext db, Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return db.Set<ApiToken>().Where(t => t.StaffId == id && t.RevokedAt == null && t.ExpiresAt > now)
            .OrderByDescending(t => t.CreatedAt)
            .Select(t => new TokenSummary(t.Id, t.Name, t.Prefix, t.CreatedAt, t.ExpiresAt, t.LastUsedAt))
                .ToListAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<ScopedTenant>> ScopeAsync(
        MasterContext db, Guid id, CancellationToken cancellationToken)
    {
        var scope = await db.Set<StaffScope>().Where(s => s.StaffId == id).Select(s => new ScopedTenant(
            s.TenantId,
            db.Set<Tenant>().Where(t => t.Id == s.TenantId).Select(t => t.LegalName).FirstOrDefault()
                ?? db.Set<TrashedTenant>().Where(t => t.Id == s.TenantId).Select(t => t.LegalName).FirstOrDefault()))
                    .ToListAsync(cancellationToken);
        return [.. scope.OrderBy(s => s.LegalName, StringComparer.CurrentCulture).ThenBy(s => s.Id)];
    }

    private async Task<IReadOnlyList<StaffSummary>> SummariesAsync(
        MasterContext db, IQueryable<StaffMember> members, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var sessions = OpenSessions(db);
        var rows = await members.AsNoTracking().Select(s => new
        {
            Member = s,
            Roles = (from held in db.UserRoles
                     join role in db.Roles on held.RoleId equals role.Id
                     where held.UserId == s.Id
                     select role.Name!).ToList(),
            Passkeys = db.UserPasskeys.Count(p => p.UserId == s.Id),
            Sessions = sessions.Count(x => x.StaffId == s.Id),
            Tokens = db.Set<ApiToken>().Count(t => t.StaffId == s.Id && t.RevokedAt == null && t.ExpiresAt > now),
            Link = db.Set<StaffInvitation>().Where(i => i.StaffId == s.Id && i.UsedAt == null && i.RevokedAt == null)
                .Select(i => (DateTimeOffset?)i.ExpiresAt).FirstOrDefault(),
            Scope = db.Set<StaffScope>().Count(x => x.StaffId == s.Id),
        }).ToListAsync(cancellationToken);
        var blocked = await throttle.BlockedAsync(db, rows.ConvertAll(row => row.Member), cancellationToken);
        return [.. rows.Select(row => new StaffSummary
        {
            Id = row.Member.Id,
            FullName = string.IsNullOrWhiteSpace(row.Member.FullName) ? row.Member.Email! : row.Member.FullName,
            Email = row.Member.Email!,
            Roles = [.. StaffRoles.All.Where(row.Roles.Contains)],
            State = StateOf(row.Member, blocked.ContainsKey(row.Member.Id), now),
            HasSecondFactor = row.Member.TwoFactorEnabled,
            Passkeys = row.Passkeys,
            CreatedAt = row.Member.CreatedAt,
            LastSignInAt = row.Member.LastSignInAt,
            OpenSessions = row.Sessions,
            LiveTokens = row.Tokens,
            AccessEndsAt = row.Member.AccessEndsAt,
            DisabledAt = row.Member.DisabledAt,
            LockedUntil = blocked.GetValueOrDefault(row.Member.Id)?.Until,
            IsKnownBrowserLocked = blocked.GetValueOrDefault(row.Member.Id)?.IsKnownBrowserOnly == true,
            LinkExpiresAt = row.Link,
            ScopeSize = row.Member.IsScoped ? row.Scope : null,
        })];
    }

    private static StaffState StateOf(StaffMember member, bool isBlocked, DateTimeOffset now) => member switch
    {
        { DisabledAt: not null } => StaffState.Disabled,
        { AccessEndsAt: { } end } when end <= now => StaffState.AccessOver,
        { PasswordHash: null, LastSignInAt: null } => StaffState.Invited,
        _ when isBlocked => StaffState.Locked,
        _ => StaffState.Active,
    };
}
