using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Core.Audit;

/// <summary>
/// The append-only, chained audit trail (architecture section 10). Every change to the master goes through <c>CommitAsync</c>, which is
/// therefore also the place where a read-only master refuses changes (invariant 11).
/// </summary>
public sealed partial class AuditTrail(IDataProtectionProvider protection, MasterIdentity identity, TimeProvider time, ILogger<AuditTrail> logger)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Vigia.Audit.ChainKey");

    /// <summary>
    /// Saves what <paramref name="db"/> tracks and appends the entries, in one transaction (the one already open on the context, else a new
    /// one), and commits it. The entries are the last statements before COMMIT, because the head row stays locked until then.
    /// </summary>
    /// <exception cref="Errors.RuleException"><c>read_only</c>: this master may be a copy.</exception>
    public async Task CommitAsync(MasterContext db, Actor actor, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        identity.DemandWritable();
        await SaveAndAppendAsync(db, actor, entries, cancellationToken);
    }

    /// <summary>Also on a read-only master: for the answer that ends that.</summary>
    internal Task CommitAnywhereAsync(MasterContext db, Actor actor, AuditEntry entry, CancellationToken cancellationToken) =>
        SaveAndAppendAsync(db, actor, [entry], cancellationToken);

    private async Task SaveAndAppendAsync(MasterContext db, Actor actor, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var transaction = db.Database.CurrentTransaction ?? await db.Database.BeginTransactionAsync(cancellationToken);
        await using (transaction)
        {
            await db.SaveChangesAsync(cancellationToken);
            await AppendAsync(db, actor, entries, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    /// <inheritdoc cref="CommitAsync(MasterContext, Actor, IReadOnlyList{AuditEntry}, CancellationToken)"/>
    public Task CommitAsync(MasterContext db, Actor actor, AuditEntry entry, CancellationToken cancellationToken) =>
        CommitAsync(db, actor, [entry], cancellationToken);

    private async Task AppendAsync(MasterContext db, Actor actor, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        if (entries.Count == 0)
        {
            return;
        }

        // The lock on the head serialises appending. FOR UPDATE reads the newest committed row under READ COMMITTED, so no two records share a predecessor.
        var head = await db.AuditHead.FromSqlRaw("SELECT * FROM portal.audit_head WHERE id = 1 FOR UPDATE").AsTracking().SingleAsync(cancellationToken);
        await db.Entry(head).ReloadAsync(cancellationToken);
        var key = ChainKey(head);
        foreach (var entry in entries)
        {
            // PostgreSQL keeps microseconds; what is hashed must be what is stored.
            var now = time.GetUtcNow();
            now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
            var record = Chain(head, key, actor, entry, now);
            db.AuditEvents.Add(record);
            head.Seq = record.Seq;
            head.Hash = record.Hash;
        }

        await db.SaveChangesAsync(cancellationToken);
        if (entries.Any(entry => entry.Action.StartsWith("staff.", StringComparison.Ordinal)))
        {
            // Everything that is done to or by an account leaves a record: this is the one place from which pages about staff hear of it.
            await db.Database.ExecuteSqlAsync($"SELECT pg_notify('vigia_staff', '')", cancellationToken);
        }

        // The head also goes to the log, so that a cut-off end of the table shows against it.
        LogHead(logger, head.Seq, Convert.ToHexString(head.Hash));
    }

    internal static AuditEvent Chain(AuditHead head, byte[] key, Actor actor, AuditEntry entry, DateTimeOffset now)
    {
        var seq = head.Seq + 1;
        var before = entry.Before is null ? null : JsonSerializer.Serialize(entry.Before);
        var after = entry.After is null ? null : JsonSerializer.Serialize(entry.After);
        var traceId = Activity.Current?.TraceId.ToHexString();
        var body = JsonSerializer.Serialize(new object?[]
        {
            seq, now.UtcDateTime.ToString("O"), actor.StaffId, actor.Name, actor.Address, entry.Action, entry.TenantId, entry.Ruc, entry.Subdomain,
            before, after, entry.Reason, entry.OperationId, traceId, actor.Via, entry.SignatureMeaning, entry.SignedWith,
        });
        return new AuditEvent
        {
            Seq = seq,
            At = now,
            ActorId = actor.StaffId,
            ActorName = actor.Name,
            ActorAddress = actor.Address,
            Action = entry.Action,
            TenantId = entry.TenantId,
            Ruc = entry.Ruc,
            Subdomain = entry.Subdomain,
            Before = before,
            After = after,
            Reason = entry.Reason,
            OperationId = entry.OperationId,
            TraceId = traceId,
            Via = actor.Via,
            SignatureMeaning = entry.SignatureMeaning,
            SignedWith = entry.SignedWith,
            Body = body,
            PreviousHash = head.Hash,
            Hash = HMACSHA256.HashData(key, (byte[])[.. head.Hash, .. Encoding.UTF8.GetBytes(body)]),
        };
    }

    private byte[] ChainKey(AuditHead head)
    {
        if (ReadKey(head) is { } known)
        {
            return known;
        }

        // A random key, wrapped: a plain hash could be recomputed by whoever can write the table.
        var key = RandomNumberGenerator.GetBytes(32);
        head.WrappedKey = _protector.Protect(Convert.ToBase64String(key));
        return key;
    }

    /// <summary>The key that the chain is made with; null before the first record.</summary>
    internal byte[]? ReadKey(AuditHead head) => head.WrappedKey is { } wrapped ? Convert.FromBase64String(_protector.Unprotect(wrapped)) : null;

    [LoggerMessage(Level = LogLevel.Information, Message = "Audit head {AuditSeq} {AuditHash}")]
    private static partial void LogHead(ILogger logger, long auditSeq, string auditHash);
}
