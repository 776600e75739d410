using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Decisions;

/// <summary>
/// Lists requests that wait for a second person and records that person's decision. A decision is signed. People never
/// decide on their own request, nor on one from a person who took part in giving them access. A decision applies to the
/// facts at the time it is made. The rules are the same for all kinds of requests.
/// </summary>
// More than five dependencies: one rule says who may decide, for operations and for accounts alike.
public sealed class ApprovalService(
    IDbContextFactory<MasterContext> contexts, IEnumerable<OperationApproval> operations, StaffDecisions staff,
    AuditTrail audit, Reauthentication reauthentication, TimeProvider time)
{
    private const int MostDecided = 50;

    /// <summary>
    /// The action that the second person signs: the request with its full content, as stored in the master.
    /// </summary>
    public static SignedAction SignatureOf(Approval approval) =>
        SignedAction.Of(SignedAction.ApprovalDecide, $"{approval.Id:N}", new
        {
            Action = approval.Action.Code, approval.OperationId, approval.TenantId, approval.StaffId,
            approval.RequestedBy, approval.Reason, approval.Seen,
        });

    /// <summary>Lists waiting requests, oldest first, and then recently decided ones, newest first.</summary>
    public async Task<IReadOnlyList<Approval>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ApprovalsDecide);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var waiting = await db.Set<Approval>().AsNoTracking().Where(a => a.State == ApprovalState.Waiting)
            .OrderBy(a => a.RequestedAt).ToListAsync(cancellationToken);
        var decided = await db.Set<Approval>().AsNoTracking().Where(a => a.State != ApprovalState.Waiting)
            .OrderByDescending(a => a.DecidedAt).Take(MostDecided).ToListAsync(cancellationToken);
        return [.. waiting, .. decided];
    }

    /// <summary>Counts the waiting requests that the actor may decide.</summary>
    public async Task<int> CountAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ApprovalsDecide);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var requesters = await db.Set<Approval>()
            .Where(a => a.State == ApprovalState.Waiting && a.RequestedBy != actor.StaffId).Select(a => a.RequestedBy)
            .ToListAsync(cancellationToken);
        if (requesters.Count == 0)
        {
            return 0;
        }

        var graph = await InfluenceGraph.ReadAsync(db, time.GetUtcNow(), cancellationToken);
        return requesters.Count(requester => graph.AreIndependent(actor.StaffId!.Value, requester));
    }

    /// <summary>
    /// Returns those of <paramref name="requesters"/> whose requests the actor can't decide, because one of the two
    /// recently took part in giving the other access.
    /// </summary>
    public async Task<IReadOnlySet<Guid>> DependentAsync(
        Actor actor, IReadOnlyCollection<Guid> requesters, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ApprovalsDecide);
        if (requesters.All(requester => requester == actor.StaffId))
        {
            return new HashSet<Guid>();
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var graph = await InfluenceGraph.ReadAsync(db, time.GetUtcNow(), cancellationToken);
        return requesters.Where(
            requester => requester != actor.StaffId && !graph.AreIndependent(actor.StaffId!.Value, requester))
            .ToHashSet();
    }

    /// <summary>
    /// Approves a request: queues the operation with the tenant as it is now, or makes the change to the team. The
    /// reason is optional; <paramref name="password"/> is the second person's own.
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>approval_unknown</c>, <c>approval_own</c>, <c>approval_dependent</c>, <c>approval_over</c>,
    /// <c>password_wrong</c>, <c>not_ready</c>.
    /// </exception>
    public async Task ApproveAsync(
        Actor actor, Guid id, string? reason, string password, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ApprovalsDecide);
        if (!string.IsNullOrWhiteSpace(reason))
        {
            TenantRules.DemandReason(reason);
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        if (await ConcernsStaffAsync(db, id, cancellationToken))
        {
            await staff.ApproveAsync(actor, id, reason, password, cancellationToken);
            return;
        }

        // The proof uses another connection, so it comes before any lock. These checks come first so that a request
        // that can no longer be decided does not use up a confirmation.
        var asked = await FindAsync(db, actor, id, cancellationToken);
        var kind = operations.Single(o => ApprovalAction.Of(o.Kind) == asked.Action);
        actor.Demand(kind.Right);
        await DemandMayDecideAsync(db, actor, asked, time.GetUtcNow(), cancellationToken);
        Demand(asked);
        var signed = SignatureOf(asked);
        var signedWith = await reauthentication.DemandAsync(actor, signed, password, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (approval, operation) = await LockAsync(db, actor, id, cancellationToken);
        DemandSame(approval, signed);
        await kind.BeginAsync(db, operation, cancellationToken);
        Decide(approval, actor, ApprovalState.Approved, reason);
        operation.State = OperationState.Queued;
        operation.Error = null;
        await audit.CommitAsync(
            db, actor, Entry("approval.approved", approval) with
            {
                SignatureMeaning = kind.SignatureMeaning,
                SignedWith = signedWith
            }, cancellationToken);
    }

    /// <summary>
    /// Refuses a request: nothing is changed, and a waiting operation is cancelled. The person who asked can read the
    /// reason.
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>approval_unknown</c>, <c>approval_own</c>, <c>approval_dependent</c>, <c>approval_over</c>.
    /// </exception>
    public async Task RefuseAsync(Actor actor, Guid id, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ApprovalsDecide);
        TenantRules.DemandReason(reason);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        if (await ConcernsStaffAsync(db, id, cancellationToken))
        {
            await staff.RefuseAsync(actor, id, reason!, cancellationToken);
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (approval, operation) = await LockAsync(db, actor, id, cancellationToken);
        Decide(approval, actor, ApprovalState.Refused, reason);
        operation.State = OperationState.Cancelled;
        operation.FinishedAt = time.GetUtcNow();
        operation.Error = new Message("approval_refused", actor.Name, approval.DecisionReason!);
        await audit.CommitAsync(db, actor, Entry("approval.refused", approval), cancellationToken);
    }

    /// <summary>
    /// Cancels a request about the team. People can cancel their own requests. Any administrator can cancel a request
    /// that would take effect by itself.
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>approval_unknown</c>, <c>approval_over</c>, <c>approval_not_cancellable</c>.
    /// </exception>
    public Task CancelAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ApprovalsDecide);
        return staff.CancelAsync(actor, id, cancellationToken);
    }

    /// <summary>Refuses a request that differs from the one that was signed.</summary>
    /// <exception cref="RuleException"><c>confirmation_stale</c>.</exception>
    internal static void DemandSame(Approval approval, SignedAction signed)
    {
        if (SignatureOf(approval) != signed)
        {
            throw new RuleException("confirmation_stale");
        }
    }

    /// <summary>Refuses a decision on one's own request or on a request of a person who is not independent.</summary>
    /// <exception cref="RuleException"><c>approval_own</c>; <c>approval_dependent</c>.</exception>
    internal static async Task DemandMayDecideAsync(
        MasterContext db, Actor actor, Approval approval, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (approval.RequestedBy == actor.StaffId)
        {
            throw new RuleException("approval_own");
        }

        if (!(await InfluenceGraph.ReadAsync(db, now, cancellationToken))
            .AreIndependent(actor.StaffId!.Value, approval.RequestedBy))
        {
            throw new RuleException("approval_dependent", approval.RequestedByName);
        }
    }

    internal static AuditEntry Entry(string action, Approval approval) => new(action)
    {
        TenantId = approval.TenantId,
        Ruc = approval.Ruc,
        Subdomain = approval.Subdomain,
        OperationId = approval.OperationId,
        Reason = approval.DecisionReason,
        Before = new Dictionary<string, object?>
        { ["requested_by"] = approval.RequestedByName, ["requested_reason"] = approval.Reason },
        After = new Dictionary<string, object?> { ["action"] = approval.Action.Code },
    };

    // Locks the tenant's row first, after the lock of the team, as all other code does. Nobody else can then decide,
    // cancel or expire the request at the same time.
    private async Task<(Approval Approval, Operation Operation)> LockAsync(
        MasterContext db, Actor actor, Guid id, CancellationToken cancellationToken)
    {
        var found = await FindAsync(db, actor, id, cancellationToken);

        // Under this lock nobody can gain a part in the decider's access between this check and the decision.
        await TeamLock.LockAsync(db, cancellationToken);
        await DemandMayDecideAsync(db, actor, found, time.GetUtcNow(), cancellationToken);
        await TenantRow.FindAndLockAsync(db, found.TenantId!.Value, cancellationToken);
        var operation = await db.Set<Operation>()
            .FromSql($"SELECT * FROM portal.operations WHERE id = {found.OperationId} FOR UPDATE")
            .SingleAsync(cancellationToken);
        var approval = await db.Set<Approval>().FromSql($"SELECT * FROM portal.approvals WHERE id = {id} FOR UPDATE")
            .SingleAsync(cancellationToken);
        Demand(approval);
        return operation.State == OperationState.Waiting ? (approval, operation)
            : throw new RuleException("approval_over");
    }

    private static async Task<Approval> FindAsync(
        MasterContext db, Actor actor, Guid id, CancellationToken cancellationToken)
    {
        var found = await db.Set<Approval>().AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken)
            ?? throw new NotFoundException("approval_unknown");
        return found.RequestedBy == actor.StaffId ? throw new RuleException("approval_own") : found;
    }

    private void Demand(Approval approval)
    {
        if (approval.State != ApprovalState.Waiting || approval.ExpiresAt <= time.GetUtcNow())
        {
            throw new RuleException("approval_over");
        }
    }

    private static Task<bool> ConcernsStaffAsync(MasterContext db, Guid id, CancellationToken cancellationToken) =>
        db.Set<Approval>().AnyAsync(a => a.Id == id && a.OperationId == null, cancellationToken);

    private void Decide(Approval approval, Actor actor, ApprovalState state, string? reason) =>
        Decide(approval, actor, state, reason, time.GetUtcNow());

    internal static void Decide(Approval approval, Actor actor, ApprovalState state, string? reason, DateTimeOffset now)
    {
        (approval.State, approval.DecidedBy, approval.DecidedByName, approval.DecidedAt) =
            (state, actor.StaffId, actor.Name, now);
        approval.DecisionReason = string.IsNullOrWhiteSpace(reason) ? null : reason.Trim();
    }
}
