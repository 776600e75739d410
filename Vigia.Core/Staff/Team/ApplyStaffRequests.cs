using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Team;

/// <summary>
/// Recurring: applies requests whose delay has passed, after checking them again. Each request has its own transaction.
/// The delay is only allowed while there are no two independent administrators. Once there are, the request waits for
/// one of them.
/// </summary>
internal sealed class ApplyStaffRequests(
    IServiceScopeFactory scopes, StaffRequestRuns runs, StaffMails mails, IOptions<ApprovalOptions> options,
    TimeProvider time) : OperationDefinition
{
    public static readonly OperationKind KindName = new("apply_staff_requests");

    public override OperationKind Kind => KindName;

    public override string Right => Rights.OperationsControl;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("apply_due", ApplyDueAsync)];

    private async Task ApplyDueAsync(OperationContext context, CancellationToken cancellationToken)
    {
        List<Guid> due;
        var now = time.GetUtcNow();
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        {
            due = await db.Set<Approval>().Where(a => a.State == ApprovalState.Waiting && a.EffectiveAt <= now)
                .OrderBy(a => a.EffectiveAt).Select(a => a.Id).ToListAsync(cancellationToken);
        }

        await OneByOne.RunAsync(due, async id =>
        {
            if (await TryApplyAsync(context, id, cancellationToken) is { } error)
            {
                await FailAsync(context, id, error, cancellationToken);
            }
        });
    }

    private async Task<Message?> TryApplyAsync(OperationContext context, Guid id, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var actions = scope.ServiceProvider.GetRequiredService<StaffActions>();
        await using var transaction = await actions.Db.Database.BeginTransactionAsync(cancellationToken);
        var approval = await StaffRequestRuns.LockAsync(actions.Db, id, cancellationToken);
        var now = time.GetUtcNow();
        if (approval.State != ApprovalState.Waiting || !(approval.EffectiveAt <= now))
        {
            return null;
        }

        try
        {
            var member = approval.StaffId is { } staffId
                ? await TeamLock.LockMemberAsync(actions.Db, staffId, cancellationToken) : null;
            var way = await StaffWays.OfAsync(
                actions.Db, approval.RequestedBy, StaffRequestKinds.Of(approval), member,
                StaffRequestContent.Of(approval).Roles, now, cancellationToken);
            if (way is StaffWay.WithApproval or StaffWay.Closed)
            {
                (approval.EffectiveAt, approval.ExpiresAt) = (null, now.AddHours(options.Value.ExpireAfterHours));
                await context.CommitAsync(
                    actions.Db, [Entry("staff.request_waits", approval, context)], cancellationToken);
                return null;
            }

            var done = await runs.RunAsync(actions, approval, mails.IsConfigured, cancellationToken);
            (approval.State, approval.DecidedAt) = (ApprovalState.Approved, now);
            await context.CommitAsync(
                actions.Db, [Entry("staff.request_effective", approval, context),
                .. done.Select(entry => entry with { OperationId = context.OperationId })], cancellationToken);
            return null;
        }
        catch (InvalidInputException wrong)
        {
            return wrong.Errors.First().Value[0];
        }
        catch (RuleException refusal)
        {
            return refusal.Reason;
        }
    }

    private async Task FailAsync(OperationContext context, Guid id, Message error, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var approval = await StaffRequestRuns.LockAsync(db, id, cancellationToken);
        if (approval.State == ApprovalState.Waiting)
        {
            (approval.State, approval.DecidedAt, approval.Error) = (ApprovalState.Failed, time.GetUtcNow(), error);
            var entry = Entry("staff.request_failed", approval, context);
            await context.CommitAsync(
                db,
                [
                    entry with
                    {
                        After = new Dictionary<string, object?>(entry.After!) { ["error"] = AuditedMessage.Of(error) }
                    },
                ],
                cancellationToken);
        }
    }

    private static AuditEntry Entry(string action, Approval approval, OperationContext context) =>
        StaffRequests.Entry(action, approval) with { OperationId = context.OperationId };
}
