using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Team;

namespace Vigia.Core.Staff.Decisions;

/// <summary>Expires requests that nobody decided in time: cancels the operation; nothing was changed.</summary>
internal sealed class ExpireApprovals(TimeProvider time) : OperationDefinition
{
    public static readonly OperationKind KindName = new("expire_approvals");

    public override OperationKind Kind => KindName;

    public override string Right => Rights.OperationsControl;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("expire_undecided", ExpireAsync)];

    private async Task ExpireAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        List<Guid> due;
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        {
            // Requests with an effective time do not expire; they take effect.
            due = await db.Set<Approval>()
                .Where(a => a.State == ApprovalState.Waiting && a.ExpiresAt <= now && a.EffectiveAt == null)
                .Select(a => a.Id).ToListAsync(cancellationToken);
        }

        await OneByOne.RunAsync(due, id => ExpireOneAsync(context, id, now, cancellationToken));
    }

    private static async Task ExpireOneAsync(
        OperationContext context, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var found = await db.Set<Approval>().AsNoTracking().SingleAsync(a => a.Id == id, cancellationToken);
        if (found.ConcernsStaff)
        {
            await ExpireStaffAsync(context, db, id, now, cancellationToken);
            return;
        }

        // Locks the operation before the request, in the same order as the code that decides on it.
        var operation = await db.Set<Operation>()
            .FromSql($"SELECT * FROM portal.operations WHERE id = {found.OperationId} FOR UPDATE")
            .SingleAsync(cancellationToken);
        var approval = await db.Set<Approval>().FromSql($"SELECT * FROM portal.approvals WHERE id = {id} FOR UPDATE")
            .SingleAsync(cancellationToken);
        if (approval.State != ApprovalState.Waiting)
        {
            return;
        }

        (approval.State, approval.DecidedAt) = (ApprovalState.Expired, now);
        if (operation.State == OperationState.Waiting)
        {
            (operation.State, operation.FinishedAt, operation.Error) =
                (OperationState.Cancelled, now, new Message("approval_expired"));
        }

        await context.CommitAsync(db, [ApprovalService.Entry("approval.expired", approval)], cancellationToken);
    }

    private static async Task ExpireStaffAsync(
        OperationContext context, MasterContext db, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var approval = await StaffRequestRuns.LockAsync(db, id, cancellationToken);
        if (approval.State == ApprovalState.Waiting && approval.EffectiveAt is null)
        {
            (approval.State, approval.DecidedAt) = (ApprovalState.Expired, now);
            await context.CommitAsync(db, [StaffRequests.Entry("staff.request_expired", approval)], cancellationToken);
        }
    }
}
