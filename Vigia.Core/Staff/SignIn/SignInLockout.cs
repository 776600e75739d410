using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>The audit record of an account that was locked after too many wrong tries.</summary>
/// <param name="Seq">Its number in the audit trail.</param>
/// <param name="At">When the account was locked.</param>
/// <param name="After">Whose account and until when, as stored in the record (JSON).</param>
/// <param name="Address">Where the last try came from.</param>
public sealed record LockoutRecord(long Seq, DateTimeOffset At, string? After, string? Address);

/// <summary>
/// Counts wrong tries of password or code and locks the account after too many. Administrators are notified (21 CFR
/// 11.300(d)).
/// </summary>
// More than five dependencies: it counts, locks and records in one transaction, and has to do so on a read-only master
// too.
public sealed partial class SignInLockout(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, MasterIdentity identity,
    IOptions<IdentityOptions> options, TimeProvider time, ILogger<SignInLockout> logger)
{
    /// <summary>The action of the audit record.</summary>
    public const string Action = "staff.locked_out";

    /// <summary>
    /// Returns the lockouts with a number greater than <paramref name="after"/> in the audit trail, oldest first, and
    /// the number up to which the trail was read. With null, returns only the current number.
    /// </summary>
    public async Task<(IReadOnlyList<LockoutRecord> Lockouts, long ReadUntil)> ListSinceAsync(
        Actor actor, long? after, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var head = await db.Set<AuditEvent>().OrderByDescending(e => e.Seq).Select(e => e.Seq)
            .FirstOrDefaultAsync(cancellationToken);
        if (after is null)
        {
            return ([], head);
        }

        var found = await db.Set<AuditEvent>().Where(e => e.Action == Action && e.Seq > after && e.Seq <= head)
            .OrderBy(e => e.Seq)
            .Select(e => new LockoutRecord(e.Seq, e.At, e.After, e.ActorAddress)).ToListAsync(cancellationToken);
        return (found, head);
    }

    /// <summary>
    /// Records a wrong try. One statement counts it, so that a hundred simultaneous tries count as a hundred.
    /// </summary>
    public async Task RecordFailureAsync(StaffMember member, string? address, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var until = now + options.Value.Lockout.DefaultLockoutTimeSpan;
        var last = options.Value.Lockout.MaxFailedAccessAttempts - 1;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var counted = await db.Users.Where(s => s.Id == member.Id && (s.LockoutEnd == null || s.LockoutEnd <= now))
            .ExecuteUpdateAsync(
            set => set.SetProperty(s => s.LockoutEnd, s => s.AccessFailedCount >= last ? until : s.LockoutEnd)
                .SetProperty(s => s.AccessFailedCount, s => s.AccessFailedCount >= last ? 0 : s.AccessFailedCount + 1),
                cancellationToken);
        var locks = counted == 1
            && await db.Users.AnyAsync(s => s.Id == member.Id && s.AccessFailedCount == 0, cancellationToken);
        if (!locks)
        {
            await transaction.CommitAsync(cancellationToken);
            return;
        }

        LogLocked(logger, member.Id, address);
        if (identity.ReadOnly is not null || await audit.IsClosedAsync(db, cancellationToken))
        {
            // A master that may be a copy, or whose trail was tampered with, accepts no record. The account is locked
            // all the same.
            await transaction.CommitAsync(cancellationToken);
            return;
        }

        await audit.CommitAsync(db, Actor.System with { Address = address }, new AuditEntry(Action)
        {
            After = new Dictionary<string,
            object?>
            {
                ["staff_id"] = member.Id, ["name"] = member.FullName, ["email"] = member.Email,
                ["until"] = until
            },
        }, cancellationToken);
    }

    /// <summary>Resets the count of wrong tries after a correct one.</summary>
    internal async Task ResetAsync(StaffMember member, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Users.Where(s => s.Id == member.Id && s.AccessFailedCount > 0)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.AccessFailedCount, 0), cancellationToken);
    }

    internal bool IsLocked(StaffMember member) => member.LockoutEnd > time.GetUtcNow();

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{StaffId} is locked after too many wrong tries, the last one from {Address}")]
    private static partial void LogLocked(ILogger logger, Guid staffId, string? address);
}
