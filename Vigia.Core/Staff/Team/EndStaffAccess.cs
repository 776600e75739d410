using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Staff.Team;

/// <summary>
/// Recurring: disables members of staff whose last day has passed. Each member has their own transaction.
/// </summary>
internal sealed class EndStaffAccess(TimeProvider time) : OperationDefinition
{
    public static readonly OperationKind KindName = new("end_staff_access");

    public override OperationKind Kind => KindName;

    public override string Right => Rights.OperationsControl;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("end_due", EndDueAsync)];

    private async Task EndDueAsync(OperationContext context, CancellationToken cancellationToken)
    {
        List<Guid> due;
        var now = time.GetUtcNow();
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        {
            due = await db.Users.Where(s => s.DisabledAt == null && s.AccessEndsAt <= now).Select(s => s.Id)
                .ToListAsync(cancellationToken);
        }

        await OneByOne.RunAsync(due, id => EndOneAsync(context, id, now, cancellationToken));
    }

    private static async Task EndOneAsync(
        OperationContext context, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var member = await TeamLock.LockMemberAsync(db, id, cancellationToken);
        if (member.DisabledAt is null && member.AccessEndsAt <= now)
        {
            var entry = await StaffChanges.EndAsync(db, member, "staff.access_ended", now, cancellationToken);
            await context.CommitAsync(db, [entry with { OperationId = context.OperationId }], cancellationToken);
        }
    }
}
