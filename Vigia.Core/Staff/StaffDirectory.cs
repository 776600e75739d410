using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Approvals;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;

namespace Vigia.Core.Staff;

/// <summary>Who works here, and what each of them holds.</summary>
public sealed class StaffDirectory(IDbContextFactory<MasterContext> contexts, IOptions<StaffOptions> options, TimeProvider time)
{
    private static readonly OperationState[] Unfinished = [OperationState.Queued, OperationState.Running, OperationState.Waiting, OperationState.Cancelling];

    /// <summary>Everybody there ever was, by name; staff are never deleted.</summary>
    public async Task<IReadOnlyList<StaffSummary>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await SummariesAsync(db, db.Users.OrderBy(s => EF.Functions.Collate(s.FullName, TenantSearch.Collation)).ThenBy(s => s.Email), cancellationToken);
    }

    /// <summary>One member of staff.</summary>
    /// <exception cref="NotFoundException"><c>staff_unknown</c>.</exception>
    public async Task<StaffDetails> GetAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var member = (await SummariesAsync(db, db.Users.Where(s => s.Id == id), cancellationToken)).SingleOrDefault() ?? throw new NotFoundException("staff_unknown");
        return new StaffDetails(
            member,
            member.ScopeSize is null ? null : await ScopeAsync(db, id, cancellationToken),
            await OpenSessions(db).Where(s => s.StaffId == id).OrderByDescending(s => s.LastInputAt).ToListAsync(cancellationToken),
            await TokensAsync(db, id, cancellationToken),
            await db.RoleGrants.AsNoTracking().Where(g => g.StaffId == id).OrderByDescending(g => g.From).ThenBy(g => g.Role).ToListAsync(cancellationToken),
            member.Roles.Contains(StaffRoles.Administrator) && !await StaffLock.HasAnotherAdministratorAsync(db, id, time.GetUtcNow(), cancellationToken));
    }

    /// <summary>What the person holds that disabling them would end, or leave as it is.</summary>
    public async Task<StaffHoldings> HoldingsAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return new StaffHoldings(
            await OpenSessions(db).CountAsync(s => s.StaffId == id, cancellationToken),
            await TokensAsync(db, id, cancellationToken),
            await db.Approvals.Where(a => a.RequestedBy == id && a.State == ApprovalState.Waiting).OrderBy(a => a.RequestedAt)
                .Select(a => new AskedFor(a.OperationId, a.Action, a.Subdomain)).ToListAsync(cancellationToken),
            await db.Operations.Where(o => o.RequestedBy == id && Unfinished.Contains(o.State) && !db.Approvals.Any(a => a.OperationId == o.Id && a.State == ApprovalState.Waiting))
                .OrderBy(o => o.CreatedAt).Select(o => new AskedFor(o.Id, o.Kind, o.Subdomain)).ToListAsync(cancellationToken));
    }

    // A session is over by itself after its hours, whether or not anybody has written that down yet.
    private IQueryable<SignInSession> OpenSessions(MasterContext db)
    {
        var since = time.GetUtcNow().AddHours(-options.Value.SessionHours);
        return db.Sessions.AsNoTracking().Where(s => s.EndedAt == null && s.CreatedAt > since);
    }

    private Task<List<TokenSummary>> TokensAsync(MasterContext db, Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return db.ApiTokens.Where(t => t.StaffId == id && t.RevokedAt == null && t.ExpiresAt > now).OrderByDescending(t => t.CreatedAt)
            .Select(t => new TokenSummary(t.Id, t.Name, t.Prefix, t.CreatedAt, t.ExpiresAt, t.LastUsedAt)).ToListAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<ScopedTenant>> ScopeAsync(MasterContext db, Guid id, CancellationToken cancellationToken)
    {
        var scope = await db.StaffScopes.Where(s => s.StaffId == id).Select(s => new ScopedTenant(
            s.TenantId,
            db.Tenants.Where(t => t.Id == s.TenantId).Select(t => t.LegalName).FirstOrDefault()
                ?? db.Trash.Where(t => t.Id == s.TenantId).Select(t => t.LegalName).FirstOrDefault())).ToListAsync(cancellationToken);
        return [.. scope.OrderBy(s => s.LegalName, StringComparer.CurrentCulture).ThenBy(s => s.Id)];
    }

    private async Task<IReadOnlyList<StaffSummary>> SummariesAsync(MasterContext db, IQueryable<StaffMember> members, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var sessions = OpenSessions(db);
        var rows = await members.AsNoTracking().Select(s => new
        {
            Member = s,
            Roles = (from held in db.UserRoles join role in db.Roles on held.RoleId equals role.Id where held.UserId == s.Id select role.Name!).ToList(),
            Passkeys = db.UserPasskeys.Count(p => p.UserId == s.Id),
            Sessions = sessions.Count(x => x.StaffId == s.Id),
            Tokens = db.ApiTokens.Count(t => t.StaffId == s.Id && t.RevokedAt == null && t.ExpiresAt > now),
            Link = db.StaffInvitations.Where(i => i.StaffId == s.Id && i.UsedAt == null && i.RevokedAt == null).Select(i => (DateTimeOffset?)i.ExpiresAt).FirstOrDefault(),
            Scope = db.StaffScopes.Count(x => x.StaffId == s.Id),
        }).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new StaffSummary
        {
            Id = row.Member.Id,
            FullName = string.IsNullOrWhiteSpace(row.Member.FullName) ? row.Member.Email! : row.Member.FullName,
            Email = row.Member.Email!,
            Roles = [.. StaffRoles.All.Where(row.Roles.Contains)],
            State = StateOf(row.Member, now),
            HasSecondFactor = row.Member.TwoFactorEnabled,
            Passkeys = row.Passkeys,
            CreatedAt = row.Member.CreatedAt,
            LastSignInAt = row.Member.LastSignInAt,
            OpenSessions = row.Sessions,
            LiveTokens = row.Tokens,
            AccessEndsAt = row.Member.AccessEndsAt,
            DisabledAt = row.Member.DisabledAt,
            LockedUntil = row.Member.LockoutEnd > now ? row.Member.LockoutEnd : null,
            LinkExpiresAt = row.Link,
            ScopeSize = row.Member.IsScoped ? row.Scope : null,
        })];
    }

    private static StaffState StateOf(StaffMember member, DateTimeOffset now) => member switch
    {
        { DisabledAt: not null } => StaffState.Disabled,
        { AccessEndsAt: { } end } when end <= now => StaffState.AccessOver,
        { PasswordHash: null, LastSignInAt: null } => StaffState.Invited,
        { LockoutEnd: { } until } when until > now => StaffState.Locked,
        _ => StaffState.Active,
    };
}
