using Microsoft.EntityFrameworkCore;
using Vigia.Core.Errors;
using Vigia.Core.Operations;

namespace Vigia.Core.Approvals;

/// <summary>Ends what nobody decided in time: the operation is cancelled, nothing was changed.</summary>
internal sealed class ExpireApprovals(TimeProvider time) : OperationDefinition
{
    public const string KindName = "expire_approvals";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("expire_undecided", ExpireAsync)];

    private async Task ExpireAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        List<Guid> due;
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        {
            due = await db.Approvals.Where(a => a.State == ApprovalState.Waiting && a.ExpiresAt <= now).Select(a => a.Id).ToListAsync(cancellationToken);
        }

        foreach (var id in due)
        {
            await using var db = await context.OpenMasterAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var found = await db.Approvals.AsNoTracking().SingleAsync(a => a.Id == id, cancellationToken);

            // The operation before the request, as whoever decides takes them.
            var operation = await db.Operations.FromSql($"SELECT * FROM portal.operations WHERE id = {found.OperationId} FOR UPDATE").SingleAsync(cancellationToken);
            var approval = await db.Approvals.FromSql($"SELECT * FROM portal.approvals WHERE id = {id} FOR UPDATE").SingleAsync(cancellationToken);
            if (approval.State != ApprovalState.Waiting)
            {
                continue;
            }

            (approval.State, approval.DecidedAt) = (ApprovalState.Expired, now);
            if (operation.State == OperationState.Waiting)
            {
                (operation.State, operation.FinishedAt, operation.Error) = (OperationState.Cancelled, now, new Message("approval_expired"));
            }

            await context.CommitAsync(db, [ApprovalService.Entry("approval.expired", approval)], cancellationToken);
        }
    }
}
