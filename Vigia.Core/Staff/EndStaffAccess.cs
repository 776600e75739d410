using Microsoft.EntityFrameworkCore;
using Vigia.Core.Operations;

namespace Vigia.Core.Staff;

/// <summary>Recurring: a member of staff whose last day is over is disabled. Each is a transaction of its own.</summary>
internal sealed class EndStaffAccess(TimeProvider time) : OperationDefinition
{
    public const string KindName = "end_staff_access";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("end_due", EndDueAsync)];

    private async Task EndDueAsync(OperationContext context, CancellationToken cancellationToken)
    {
        List<Guid> due;
        var now = time.GetUtcNow();
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        {
            due = await db.Users.Where(s => s.DisabledAt == null && s.AccessEndsAt <= now).Select(s => s.Id).ToListAsync(cancellationToken);
        }

        foreach (var id in due)
        {
            await using var db = await context.OpenMasterAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var member = await StaffLock.MemberAsync(db, id, cancellationToken);
            if (member.DisabledAt is null && member.AccessEndsAt <= now)
            {
                var entry = await StaffChanges.EndAsync(db, member, "staff.access_ended", now, cancellationToken);
                await context.CommitAsync(db, [entry with { OperationId = context.OperationId }], cancellationToken);
            }
        }
    }
}
