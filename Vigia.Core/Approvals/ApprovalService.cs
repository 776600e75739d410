using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Deletion;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;

namespace Vigia.Core.Approvals;

/// <summary>What waits for a second person, and their decision: signed, never on one's own request, and on what is true when it is made.</summary>
public sealed class ApprovalService(
    IDbContextFactory<MasterContext> contexts, TenantDeletion deletion, AuditTrail audit, Reauthentication reauthentication, TimeProvider time)
{
    private const int MostDecided = 50;

    /// <summary>What waits, oldest first; then what was decided lately, newest first.</summary>
    public async Task<IReadOnlyList<Approval>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ApprovalsDecide);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var waiting = await db.Approvals.AsNoTracking().Where(a => a.State == ApprovalState.Waiting).OrderBy(a => a.RequestedAt).ToListAsync(cancellationToken);
        var decided = await db.Approvals.AsNoTracking().Where(a => a.State != ApprovalState.Waiting).OrderByDescending(a => a.DecidedAt).Take(MostDecided).ToListAsync(cancellationToken);
        return [.. waiting, .. decided];
    }

    /// <summary>How many wait that this person may decide.</summary>
    public async Task<int> CountAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ApprovalsDecide);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Approvals.CountAsync(a => a.State == ApprovalState.Waiting && a.RequestedBy != actor.StaffId, cancellationToken);
    }

    /// <summary>Lets it happen: the operation is queued, with the client as it is at this moment.</summary>
    /// <param name="actor">The second person.</param>
    /// <param name="id">The request.</param>
    /// <param name="reason">Why; optional.</param>
    /// <param name="password">The second person's own.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="RuleException"><c>approval_unknown</c>, <c>approval_own</c>, <c>approval_over</c>, <c>password_wrong</c>, <c>not_ready</c>.</exception>
    public async Task ApproveAsync(Actor actor, Guid id, string? reason, string password, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ApprovalsDecide);
        actor.Demand(Rights.TenantsDeleteHard);
        if (!string.IsNullOrWhiteSpace(reason))
        {
            TenantRules.DemandReason(reason);
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (approval, operation) = await TakeAsync(db, actor, id, cancellationToken);
        var signedWith = await reauthentication.DemandAsync(actor, new SignedAction(SignedAction.ApprovalDecide, $"{id}"), password, cancellationToken);
        await deletion.GoOnAsync(db, operation, cancellationToken);
        Decide(approval, actor, ApprovalState.Approved, reason);
        operation.State = OperationState.Queued;
        operation.Error = null;
        await audit.CommitAsync(db, actor, Entry("approval.approved", approval) with { SignatureMeaning = "sign_tenant_delete_approve", SignedWith = signedWith }, cancellationToken);
    }

    /// <summary>Says no: the operation is cancelled, nothing was changed.</summary>
    /// <param name="actor">The second person.</param>
    /// <param name="id">The request.</param>
    /// <param name="reason">Why; who asked reads it.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="RuleException"><c>approval_unknown</c>, <c>approval_own</c>, <c>approval_over</c>.</exception>
    public async Task RefuseAsync(Actor actor, Guid id, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.ApprovalsDecide);
        TenantRules.DemandReason(reason);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (approval, operation) = await TakeAsync(db, actor, id, cancellationToken);
        Decide(approval, actor, ApprovalState.Refused, reason);
        operation.State = OperationState.Cancelled;
        operation.FinishedAt = time.GetUtcNow();
        operation.Error = new Message("approval_refused", actor.Name, approval.DecisionReason!);
        await audit.CommitAsync(db, actor, Entry("approval.refused", approval), cancellationToken);
    }

    internal static AuditEntry Entry(string action, Approval approval) => new(action)
    {
        TenantId = approval.TenantId,
        Ruc = approval.Ruc,
        Subdomain = approval.Subdomain,
        OperationId = approval.OperationId,
        Reason = approval.DecisionReason,
        Before = new Dictionary<string, object?> { ["requested_by"] = approval.RequestedByName, ["requested_reason"] = approval.Reason },
        After = new Dictionary<string, object?> { ["action"] = approval.Action },
    };

    // The client's row is locked first, as everywhere; then nobody else can decide, cancel or let expire at the same time.
    private async Task<(Approval Approval, Operation Operation)> TakeAsync(MasterContext db, Actor actor, Guid id, CancellationToken cancellationToken)
    {
        var found = await db.Approvals.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken) ?? throw new NotFoundException("approval_unknown");
        if (found.RequestedBy == actor.StaffId)
        {
            throw new RuleException("approval_own");
        }

        await TenantRow.FindAndLockAsync(db, found.TenantId, cancellationToken);
        var operation = await db.Operations.FromSql($"SELECT * FROM portal.operations WHERE id = {found.OperationId} FOR UPDATE").SingleAsync(cancellationToken);
        var approval = await db.Approvals.FromSql($"SELECT * FROM portal.approvals WHERE id = {id} FOR UPDATE").SingleAsync(cancellationToken);
        return approval.State == ApprovalState.Waiting && approval.ExpiresAt > time.GetUtcNow() && operation.State == OperationState.Waiting
            ? (approval, operation)
            : throw new RuleException("approval_over");
    }

    private void Decide(Approval approval, Actor actor, ApprovalState state, string? reason)
    {
        (approval.State, approval.DecidedBy, approval.DecidedByName, approval.DecidedAt) = (state, actor.StaffId, actor.Name, time.GetUtcNow());
        approval.DecisionReason = string.IsNullOrWhiteSpace(reason) ? null : reason.Trim();
    }
}
