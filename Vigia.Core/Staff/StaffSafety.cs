using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Tenants;

namespace Vigia.Core.Staff;

/// <summary>What keeps an account its person's: second factor, lock, sign-ins and tokens, as an administrator ends them.</summary>
public sealed class StaffSafety(IDbContextFactory<MasterContext> contexts, AuditTrail audit, TimeProvider time)
{
    // Where Identity keeps the authenticator's key and the recovery codes.
    private const string IdentityStore = "[AspNetUserStore]";

    /// <summary>Takes away authenticator, recovery codes and passkeys of somebody who lost them; open sign-ins end, for the device may be in other hands.</summary>
    /// <exception cref="RuleException"><c>staff_unknown</c>, <c>staff_own_account</c>, <c>staff_no_second_factor</c>.</exception>
    /// <exception cref="InvalidInputException"><c>reason</c>.</exception>
    public async Task ResetSecondFactorAsync(Actor actor, Guid id, string reason, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        StaffLock.RefuseOwn(actor, id);
        TenantRules.DemandReason(reason);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (member, now) = (await StaffLock.MemberAsync(db, id, cancellationToken), time.GetUtcNow());
        var keys = await db.UserTokens.Where(t => t.UserId == id && t.LoginProvider == IdentityStore).ExecuteDeleteAsync(cancellationToken);
        var passkeys = await db.UserPasskeys.Where(p => p.UserId == id).ExecuteDeleteAsync(cancellationToken);
        if (!member.TwoFactorEnabled && keys == 0 && passkeys == 0)
        {
            throw new RuleException("staff_no_second_factor");
        }

        var entry = new AuditEntry("staff.second_factor_reset")
        {
            Reason = reason.Trim(),
            Before = new Dictionary<string, object?> { ["second_factor"] = member.TwoFactorEnabled, ["passkeys"] = passkeys },
            After = StaffRecord.Whom(member, new("second_factor", false), new("passkeys", 0)),
        };
        member.TwoFactorEnabled = false;
        StaffEndings.Restamp(member);
        await StaffEndings.SessionsAsync(db, id, now, cancellationToken);
        await audit.CommitAsync(db, actor, entry, cancellationToken);
    }

    /// <summary>Lets somebody try again who typed a wrong password too often.</summary>
    /// <returns>Whether they were locked.</returns>
    /// <exception cref="RuleException"><c>staff_unknown</c>.</exception>
    public async Task<bool> UnlockAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var member = await StaffLock.MemberAsync(db, id, cancellationToken);
        if (member.LockoutEnd is not { } until || until <= time.GetUtcNow())
        {
            return false;
        }

        (member.LockoutEnd, member.AccessFailedCount) = (null, 0);
        StaffEndings.Touch(member);
        await audit.CommitAsync(db, actor, StaffRecord.Of("staff.unlocked", member), cancellationToken);
        return true;
    }

    /// <summary>Ends one sign-in of a member of staff, or all of them.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="id">Whose.</param>
    /// <param name="sessionId">Which; null for all.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>How many were open.</returns>
    /// <exception cref="RuleException"><c>staff_unknown</c>.</exception>
    public async Task<int> EndSessionsAsync(Actor actor, Guid id, Guid? sessionId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (member, now) = (await StaffLock.MemberAsync(db, id, cancellationToken), time.GetUtcNow());
        var ended = sessionId is null
            ? await StaffEndings.SessionsAsync(db, id, now, cancellationToken)
            : await db.Sessions.Where(s => s.Id == sessionId && s.StaffId == id && s.EndedAt == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), cancellationToken);
        if (ended > 0)
        {
            await audit.CommitAsync(db, actor, new AuditEntry("staff.member_sessions_ended")
            {
                After = StaffRecord.Whom(member, new("sessions_ended", ended), new("session_id", sessionId)),
            }, cancellationToken);
        }

        return ended;
    }

    /// <summary>Revokes an API token; the next call with it is refused.</summary>
    /// <returns>Whether it worked until now.</returns>
    /// <exception cref="RuleException"><c>staff_unknown</c>.</exception>
    public async Task<bool> RevokeTokenAsync(Actor actor, Guid id, Guid tokenId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var member = await StaffLock.MemberAsync(db, id, cancellationToken);
        var token = await db.ApiTokens.SingleOrDefaultAsync(t => t.Id == tokenId && t.StaffId == id && t.RevokedAt == null, cancellationToken);
        if (token is null)
        {
            return false;
        }

        token.RevokedAt = time.GetUtcNow();
        await audit.CommitAsync(db, actor, new AuditEntry("staff.member_token_revoked")
        {
            After = StaffRecord.Whom(member, new("token", token.Name ?? token.Prefix), new("token_id", token.Id)),
        }, cancellationToken);
        return true;
    }
}
