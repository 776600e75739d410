using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Audit;
using Vigia.Core.Master;

namespace Vigia.Core.Staff;

/// <summary>That an account was locked after too many wrong tries.</summary>
/// <param name="Seq">Its place in the audit trail.</param>
/// <param name="At">When.</param>
/// <param name="After">Whom and until when, as the record says it (JSON).</param>
/// <param name="Address">Where the last try came from.</param>
public sealed record LockoutRecord(long Seq, DateTimeOffset At, string? After, string? Address);

/// <summary>Counts wrong tries, of password or code alike, and locks the account when there were too many (21 CFR 11.300(d): administrators are told).</summary>
public sealed partial class StaffLockout(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, MasterIdentity identity, IOptions<IdentityOptions> options, TimeProvider time, ILogger<StaffLockout> logger)
{
    /// <summary>Of the audit record.</summary>
    public const string Action = "staff.locked_out";

    /// <summary>The lockouts after a place in the trail, oldest first; and the place up to which that was read.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="after">The place; null asks for the place of now only.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(IReadOnlyList<LockoutRecord> Lockouts, long ReadUntil)> SinceAsync(Actor actor, long? after, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.StaffManage);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var head = await db.AuditEvents.OrderByDescending(e => e.Seq).Select(e => e.Seq).FirstOrDefaultAsync(cancellationToken);
        if (after is null)
        {
            return ([], head);
        }

        var found = await db.AuditEvents.Where(e => e.Action == Action && e.Seq > after && e.Seq <= head).OrderBy(e => e.Seq)
            .Select(e => new LockoutRecord(e.Seq, e.At, e.After, e.ActorAddress)).ToListAsync(cancellationToken);
        return (found, head);
    }

    /// <summary>Notes a wrong try. In one statement, because a hundred at the same moment are a hundred tries.</summary>
    /// <param name="member">Whose account was tried.</param>
    /// <param name="address">From where.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task FailAsync(StaffMember member, string? address, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var until = now + options.Value.Lockout.DefaultLockoutTimeSpan;
        var last = options.Value.Lockout.MaxFailedAccessAttempts - 1;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var counted = await db.Users.Where(s => s.Id == member.Id && (s.LockoutEnd == null || s.LockoutEnd <= now)).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.LockoutEnd, s => s.AccessFailedCount >= last ? until : s.LockoutEnd)
                .SetProperty(s => s.AccessFailedCount, s => s.AccessFailedCount >= last ? 0 : s.AccessFailedCount + 1), cancellationToken);
        var locks = counted == 1 && await db.Users.AnyAsync(s => s.Id == member.Id && s.AccessFailedCount == 0, cancellationToken);
        if (!locks)
        {
            await transaction.CommitAsync(cancellationToken);
            return;
        }

        LogLocked(logger, member.Id, address);
        if (identity.ReadOnly is not null)
        {
            // A master that may be a copy takes no record; the lock holds all the same.
            await transaction.CommitAsync(cancellationToken);
            return;
        }

        await audit.CommitAsync(db, Actor.System with { Address = address }, new AuditEntry(Action)
        {
            After = new Dictionary<string, object?> { ["staff_id"] = member.Id, ["name"] = member.FullName, ["email"] = member.Email, ["until"] = until },
        }, cancellationToken);
    }

    /// <summary>What was wrong before does not count any more.</summary>
    internal async Task ForgetAsync(StaffMember member, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Users.Where(s => s.Id == member.Id && s.AccessFailedCount > 0).ExecuteUpdateAsync(set => set.SetProperty(s => s.AccessFailedCount, 0), cancellationToken);
    }

    internal bool IsLocked(StaffMember member) => member.LockoutEnd > time.GetUtcNow();

    [LoggerMessage(Level = LogLevel.Warning, Message = "{StaffId} is locked after too many wrong tries, the last one from {Address}")]
    private static partial void LogLocked(ILogger logger, Guid staffId, string? address);
}
