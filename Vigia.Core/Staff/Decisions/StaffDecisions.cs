using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.Team;

namespace Vigia.Core.Staff.Decisions;

/// <summary>Approves, refuses and cancels requests about the team.</summary>
public sealed class StaffDecisions(
    IServiceScopeFactory scopes, AuditTrail audit, Reauthentication reauthentication, TimeProvider time)
{
    internal async Task ApproveAsync(
        Actor actor, Guid id, string? reason, string proof, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var scope = scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var actions = services.GetRequiredService<StaffActions>();
        var asked = await actions.Db.Set<Approval>().AsNoTracking()
            .SingleOrDefaultAsync(a => a.Id == id, cancellationToken)
            ?? throw new NotFoundException("approval_unknown");
        await DemandDecidableAsync(actions, actor, asked, cancellationToken);

        // The proof uses another connection, so it comes before any lock.
        var signed = ApprovalService.SignatureOf(asked);
        var how = await reauthentication.DemandAsync(actor, signed, proof, cancellationToken);
        await using var transaction = await actions.Db.Database.BeginTransactionAsync(cancellationToken);
        var approval = await StaffRequestRuns.LockAsync(actions.Db, id, cancellationToken);
        await DemandDecidableAsync(actions, actor, approval, cancellationToken);
        ApprovalService.DemandSame(approval, signed);
        var done = await services.GetRequiredService<StaffRequestRuns>()
            .RunAsync(actions, approval, services.GetRequiredService<StaffMails>().IsConfigured, cancellationToken);
        ApprovalService.Decide(approval, actor, ApprovalState.Approved, reason, time.GetUtcNow());
        var decision = StaffRequests.Entry(
            "staff.request_approved", approval) with
        { SignatureMeaning = "sign_staff_approve", SignedWith = how };
        await audit.CommitAsync(actions.Db, actor, [decision, .. done], cancellationToken);
    }

    internal Task RefuseAsync(Actor actor, Guid id, string reason, CancellationToken cancellationToken) =>
        EndAsync(actor, id, async (actions, approval) =>
    {
        await DemandDecidableAsync(actions, actor, approval, cancellationToken);
        ApprovalService.Decide(approval, actor, ApprovalState.Refused, reason, time.GetUtcNow());
        return "staff.request_refused";
    }, cancellationToken);

    internal Task CancelAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        EndAsync(actor, id, (_, approval) =>
    {
        if (!approval.ConcernsStaff || (approval.RequestedBy != actor.StaffId && approval.EffectiveAt is null))
        {
            throw new RuleException("approval_not_cancellable");
        }

        if (approval.State != ApprovalState.Waiting)
        {
            throw new RuleException("approval_over");
        }

        ApprovalService.Decide(approval, actor, ApprovalState.Withdrawn, null, time.GetUtcNow());
        return Task.FromResult("staff.request_cancelled");
    }, cancellationToken);

    private async Task EndAsync(
        Actor actor, Guid id, Func<StaffActions, Approval, Task<string>> decide, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var scope = scopes.CreateAsyncScope();
        var actions = scope.ServiceProvider.GetRequiredService<StaffActions>();
        await using var transaction = await actions.Db.Database.BeginTransactionAsync(cancellationToken);
        var approval = await StaffRequestRuns.LockAsync(actions.Db, id, cancellationToken);
        var action = await decide(actions, approval);
        await audit.CommitAsync(actions.Db, actor, StaffRequests.Entry(action, approval), cancellationToken);
    }

    // A request with an effective time can also be approved or refused until it has taken effect.
    private async Task DemandDecidableAsync(
        StaffActions actions, Actor actor, Approval approval, CancellationToken cancellationToken)
    {
        await ApprovalService.DemandMayDecideAsync(actions.Db, actor, approval, time.GetUtcNow(), cancellationToken);
        if (approval.State != ApprovalState.Waiting
            || (approval.EffectiveAt is null && approval.ExpiresAt <= time.GetUtcNow()))
        {
            throw new RuleException("approval_over");
        }
    }
}
