using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Core.Staff.Sessions;

/// <summary>
/// A person's own sessions: lists, ends and unlocks them. Ending another person's sessions needs
/// <see cref="Rights.StaffManage"/>; see <c>StaffProtection</c>.
/// </summary>
// More than five dependencies: listing, ending and unlocking share the rule of which sessions are a person's own and
// open.
public sealed class StaffSessions(
    IDbContextFactory<MasterContext> contexts, Reauthentication reauthentication, SessionGate gate, AuditTrail audit,
    MasterIdentity identity, IOptions<StaffOptions> options, TimeProvider time)
{
    /// <summary>Lists the open sessions, the last used first.</summary>
    public async Task<IReadOnlyList<SignInSession>> ListOwnAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await OpenOf(db, actor).AsNoTracking().OrderByDescending(s => s.LastInputAt)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Counts the API tokens that work, short-lived ones included.</summary>
    public async Task<int> CountTokensAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await StaffTokens.Working(db, actor.StaffId!.Value, time.GetUtcNow()).CountAsync(cancellationToken);
    }

    /// <summary>Ends one session; its cookie is refused from now on and its pages close.</summary>
    /// <returns>False when it was already over or is another person's.</returns>
    public async Task<bool> EndAsync(Actor actor, Guid session, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        var ended = await EndAsync(
            actor, "staff.sessions_ended", s => s.Where(x => x.Id == session), session, cancellationToken);
        return ended.Sessions > 0;
    }

    /// <summary>
    /// Ends all sessions but <paramref name="current"/>, from which the person asks, and all API tokens.
    /// </summary>
    /// <returns>How many were open or worked until now.</returns>
    public Task<EndedAccess> EndOthersAsync(Actor actor, Guid current, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        return EndAsync(actor, "staff.sessions_ended", s => s.Where(x => x.Id != current), null, cancellationToken);
    }

    /// <summary>
    /// Signs out: ends the session <paramref name="current"/>. Also works on a master that accepts no audit records.
    /// </summary>
    public async Task SignOutAsync(Actor actor, Guid current, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        try
        {
            if (identity.ReadOnly is null)
            {
                await EndAsync(actor, "staff.signed_out", s => s.Where(x => x.Id == current), current,
                    cancellationToken);
                return;
            }
        }
        catch (AuditChainClosedException)
        {
            // The audit trail accepts no record, as on a read-only master.
        }

        await gate.CloseAsync(current, cancellationToken);
    }

    /// <summary>
    /// Unlocks a session after the person has proved who they are. Wrong passwords are counted for this session.
    /// <paramref name="proof"/> is for <see cref="SignedAction.Unlock"/> (see <see cref="Reauthentication"/>).
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>password_wrong</c>, <c>confirmation_stale</c>, <c>too_many_tries</c>; <c>session_over</c>: the person must
    /// sign in again.
    /// </exception>
    public async Task UnlockAsync(Actor actor, Guid session, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await reauthentication.DemandAsync(
            actor, SignedAction.Own(SignedAction.Unlock, actor), proof, cancellationToken);
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var opened = await OpenOf(db, actor).Where(s => s.Id == session)
            .ExecuteUpdateAsync(
                set => set.SetProperty(s => s.LockedAt, (DateTimeOffset?)null).SetProperty(s => s.LastInputAt, now),
                cancellationToken);
        if (opened == 0)
        {
            throw new RuleException("session_over");
        }

        gate.NotifyChanged(session);
    }

    private async Task<EndedAccess> EndAsync(
        Actor actor, string action, Func<IQueryable<SignInSession>, IQueryable<SignInSession>> which, Guid? session,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var ended = await which(OpenOf(db, actor))
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), cancellationToken);
        var revoked = session is null && actor.StaffId is { } person
            ? await StaffTokens.RevokeAsync(db, person, now, andPersonal: true, cancellationToken) : 0;
        var traces = session is null && actor.StaffId is { } whose
            ? await StaffEndings.TracesAsync(db, whose, now, cancellationToken) : 0;
        if (ended + revoked + traces > 0)
        {
            var after = new Dictionary<string, object?> { ["sessions_ended"] = ended };
            if (session is null)
            {
                after["tokens_revoked"] = revoked;
            }
            else
            {
                after["session_id"] = session;
            }

            await audit.CommitAsync(db, actor, new AuditEntry(action) { After = after }, cancellationToken);
            gate.NotifyChanged(session);
        }

        return new EndedAccess(ended, revoked);
    }

    private IQueryable<SignInSession> OpenOf(MasterContext db, Actor actor)
    {
        var since = time.GetUtcNow().AddHours(-options.Value.SessionHours);
        return db.Set<SignInSession>()
            .Where(s => s.StaffId == actor.StaffId && s.EndedAt == null && s.CreatedAt > since);
    }
}
