using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>The audit record of too many wrong tries on an account.</summary>
/// <param name="Seq">Its number in the audit trail.</param>
/// <param name="At">When the last free try was made.</param>
/// <param name="After">Whose account, and until when the next try has to wait, as stored in the record (JSON).</param>
/// <param name="Address">Where the last try came from.</param>
public sealed record LockoutRecord(long Seq, DateTimeOffset At, string? After, string? Address);

/// <summary>
/// Records too many wrong tries on an account, so that administrators are notified (21 CFR 11.300(d)).
/// <see cref="SignInThrottle"/> counts them.
/// </summary>
public sealed partial class SignInLockout(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, MasterIdentity identity,
    ILogger<SignInLockout> logger)
{
    /// <summary>The action of the audit record.</summary>
    public const string Action = "staff.locked_out";

    /// <summary>
    /// Returns the records with a number greater than <paramref name="after"/> in the audit trail, oldest first, and
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
    /// Records that too many wrong tries were made on an account, until when the next one has to wait and where the
    /// last one came from.
    /// </summary>
    internal async Task RecordAsync(
        StaffMember member, DateTimeOffset until, string? address, CancellationToken cancellationToken)
    {
        LogTooMany(logger, member.Id, address);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (identity.ReadOnly is not null || await audit.IsClosedAsync(db, cancellationToken))
        {
            // A master that may be a copy, or whose trail was tampered with, accepts no record. The tries are counted
            // all the same.
            return;
        }

        await audit.CommitAsync(db, Actor.System with { Address = address }, new AuditEntry(Action)
        {
            After = new Dictionary<string, object?>
            {
                ["staff_id"] = member.Id, ["name"] = member.FullName, ["email"] = member.Email,
                ["until"] = until,
            },
        }, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Too many wrong tries on the account of {StaffId}, the last one from {Address}")]
    private static partial void LogTooMany(ILogger logger, Guid staffId, string? address);
}
