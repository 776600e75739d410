using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Audit;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>One's own sign-ins: what they are, ending them, opening one that has locked. Ending somebody else's is <see cref="Rights.StaffManage"/>'s and lies with the rest of that.</summary>
public sealed class StaffSessions(
    IDbContextFactory<MasterContext> contexts, Reauthentication reauthentication, SessionGate gate, AuditTrail audit, MasterIdentity identity, IOptions<StaffOptions> options, TimeProvider time)
{
    /// <summary>The open ones, the one touched last first.</summary>
    public async Task<IReadOnlyList<SignInSession>> MineAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await OpenOf(db, actor).AsNoTracking().OrderByDescending(s => s.LastInputAt).ToListAsync(cancellationToken);
    }

    /// <summary>Ends one; its cookie is refused from now on and its pages close.</summary>
    /// <returns>False when it was over already, or is somebody else's.</returns>
    public async Task<bool> EndAsync(Actor actor, Guid session, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        return await EndAsync(actor, "staff.sessions_ended", s => s.Where(x => x.Id == session), session, cancellationToken) > 0;
    }

    /// <summary>Ends all but the one that asks.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="current">The sign-in they ask from.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many.</returns>
    public Task<int> EndOthersAsync(Actor actor, Guid current, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        return EndAsync(actor, "staff.sessions_ended", s => s.Where(x => x.Id != current), null, cancellationToken);
    }

    /// <summary>Signs out: ends the sign-in that asks. A master that takes no records can be left all the same.</summary>
    public Task SignOutAsync(Actor actor, Guid current, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        return identity.ReadOnly is not null ? gate.CloseAsync(current, cancellationToken) : EndAsync(actor, "staff.signed_out", s => s.Where(x => x.Id == current), current, cancellationToken);
    }

    /// <summary>Opens a locked one to who proves who they are; a wrong password counts towards the lock of the account.</summary>
    /// <param name="actor">Whose it is.</param>
    /// <param name="session">Which.</param>
    /// <param name="proof">See <see cref="Reauthentication"/>, for <see cref="SignedAction.Unlock"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RuleException"><c>password_wrong</c>, <c>confirmation_stale</c>, <c>locked_out</c>; <c>session_over</c>: one has to sign in again.</exception>
    public async Task UnlockAsync(Actor actor, Guid session, string? proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AccountOwn);
        await reauthentication.DemandAsync(actor, SignedAction.Own(SignedAction.Unlock, actor), proof, cancellationToken);
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var opened = await OpenOf(db, actor).Where(s => s.Id == session)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LockedAt, (DateTimeOffset?)null).SetProperty(s => s.LastInputAt, now), cancellationToken);
        if (opened == 0)
        {
            throw new RuleException("session_over");
        }

        gate.Tell(session);
    }

    private async Task<int> EndAsync(Actor actor, string action, Func<IQueryable<SignInSession>, IQueryable<SignInSession>> which, Guid? session, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var ended = await which(OpenOf(db, actor)).ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), cancellationToken);
        if (ended > 0)
        {
            var after = new Dictionary<string, object?> { ["sessions_ended"] = ended };
            if (session is not null)
            {
                after["session_id"] = session;
            }

            await audit.CommitAsync(db, actor, new AuditEntry(action) { After = after }, cancellationToken);
            gate.Tell(session);
        }

        return ended;
    }

    private IQueryable<SignInSession> OpenOf(MasterContext db, Actor actor)
    {
        var since = time.GetUtcNow().AddHours(-options.Value.SessionHours);
        return db.Sessions.Where(s => s.StaffId == actor.StaffId && s.EndedAt == null && s.CreatedAt > since);
    }
}
