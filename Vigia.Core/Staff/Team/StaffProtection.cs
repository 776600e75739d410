using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Core.Staff.Team;

/// <summary>
/// Protects a member's account on an administrator's command: resets the second factor, unlocks the account, ends
/// sessions and revokes tokens.
/// </summary>
// More than five dependencies: each act is signed, counted or requested elsewhere, and recorded in one transaction.
public sealed class StaffProtection(
    IDbContextFactory<MasterContext> contexts, StaffRequests requests, Reauthentication reauthentication,
    SignInThrottle throttle, AuditTrail audit, TimeProvider time)
{
    /// <summary>
    /// Removes authenticator, recovery codes and passkeys of a member who lost them. Open sessions end, because
    /// somebody else may have the device. For an administrator this needs a second person, see
    /// <see cref="StaffRequests"/>. People can't do it for themselves. <paramref name="proof"/> is for
    /// <see cref="StaffSigned.ResetSecondFactor"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>staff_unknown</c>, <c>staff_own_account</c>, <c>staff_no_second_factor</c>; or a refusal by
    /// <see cref="StaffRequests"/>.
    /// </exception>
    /// <exception cref="InvalidInputException"><c>reason</c>.</exception>
    public Task<StaffOutcome> ResetSecondFactorAsync(
        Actor actor, Guid id, string reason, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        TeamLock.RefuseOwnAccount(actor, id);
        TenantRules.DemandReason(reason);
        return requests.CarryOutAsync(actor, id, member =>
        {
            var content = new StaffRequestContent { FullName = member!.FullName, Email = member.Email! };
            return new StaffAction(StaffRequestKind.ResetSecondFactor, member, content, reason.Trim());
        }, proof, cancellationToken);
    }

    /// <summary>
    /// Lets a member try again at once after too many wrong passwords or codes. <paramref name="proof"/> is for
    /// <see cref="StaffSigned.Unlock"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <returns>Whether the member had to wait.</returns>
    /// <exception cref="RuleException"><c>staff_unknown</c>.</exception>
    public async Task<bool> UnlockAsync(Actor actor, Guid id, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        if (!await IsBlockedAsync(db, await TeamLock.ReadMemberAsync(db, id, cancellationToken), cancellationToken))
        {
            return false;
        }

        // The proof uses another connection, so it comes before any lock.
        var how = await reauthentication.DemandAsync(actor, StaffSigned.Unlock(id), proof, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var member = await TeamLock.LockMemberAsync(db, id, cancellationToken);
        if (!await IsBlockedAsync(db, member, cancellationToken))
        {
            return false;
        }

        await throttle.ForgetAccountAsync(db, member, cancellationToken);
        await audit.CommitAsync(
            db, actor, StaffRecord.Of(
            "staff.unlocked", member) with
            { SignatureMeaning = "sign_staff_unlock", SignedWith = how },
            cancellationToken);
        return true;
    }

    /// <summary>
    /// Ends one session of a member of staff, or all of them and all API tokens when <paramref name="sessionId"/> is
    /// null.
    /// </summary>
    /// <returns>How many were open or worked until now.</returns>
    /// <exception cref="RuleException"><c>staff_unknown</c>.</exception>
    public async Task<EndedAccess> EndSessionsAsync(
        Actor actor, Guid id, Guid? sessionId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (member, now) = (await TeamLock.LockMemberAsync(db, id, cancellationToken), time.GetUtcNow());
        var ended = sessionId is null
            ? await StaffEndings.SessionsAsync(db, id, now, cancellationToken)
            : await db.Set<SignInSession>().Where(s => s.Id == sessionId && s.StaffId == id && s.EndedAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), cancellationToken);
        var traces = sessionId is null ? await StaffEndings.TracesAsync(db, id, now, cancellationToken) : 0;
        var revoked = sessionId is null
            ? await StaffTokens.RevokeAsync(db, id, now, andPersonal: true, cancellationToken) : 0;
        if (ended + revoked + traces > 0)
        {
            await audit.CommitAsync(db, actor, new AuditEntry("staff.member_sessions_ended")
            {
                After = StaffRecord.Person(
                    member, new("sessions_ended", ended), new("session_id", sessionId),
                    new("tokens_revoked", revoked)),
            }, cancellationToken);
        }

        return new EndedAccess(ended, revoked);
    }

    /// <summary>Revokes an API token: the next call with it is refused.</summary>
    /// <returns>Whether it was valid until now.</returns>
    /// <exception cref="RuleException"><c>staff_unknown</c>.</exception>
    public async Task<bool> RevokeTokenAsync(Actor actor, Guid id, Guid tokenId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var member = await TeamLock.LockMemberAsync(db, id, cancellationToken);
        var token = await db.Set<ApiToken>()
            .SingleOrDefaultAsync(t => t.Id == tokenId && t.StaffId == id && t.RevokedAt == null, cancellationToken);
        if (token is null)
        {
            return false;
        }

        token.RevokedAt = time.GetUtcNow();
        await audit.CommitAsync(db, actor, new AuditEntry("staff.member_token_revoked")
        {
            After = StaffRecord.Person(member, new("token", token.Name ?? token.Prefix), new("token_id", token.Id)),
        }, cancellationToken);
        return true;
    }

    private async Task<bool> IsBlockedAsync(
        MasterContext db, StaffMember member, CancellationToken cancellationToken) =>
        (await throttle.BlockedAsync(db, [member], cancellationToken)).Count > 0;
}
