using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// The append-only, chained audit trail. Every change to the master goes through <c>CommitAsync</c>. Therefore a
/// read-only master refuses changes here.
/// </summary>
public sealed partial class AuditTrail(
    AuditStanding standing, MasterIdentity identity, TimeProvider time, ILogger<AuditTrail> logger)
{
    /// <summary>
    /// Saves the changes that <paramref name="db"/> tracks, appends the entries, and commits, all in one transaction
    /// (the open one of the context, else a new one). The entries are the last statements before COMMIT, because the
    /// head row stays locked until then: what need not be under the lock comes before it.
    /// </summary>
    /// <exception cref="RuleException"><c>read_only</c>: this master may be a copy. Nothing was changed.</exception>
    /// <exception cref="AuditChainClosedException">
    /// <c>audit_closed</c>: the trail accepts no records. Nothing was changed.
    /// </exception>
    public async Task CommitAsync(
        MasterContext db, Actor actor, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        identity.DemandWritable();
        await SaveAndAppendAsync(db, actor, entries, cancellationToken);
    }

    /// <inheritdoc cref="CommitAsync(MasterContext, Actor, IReadOnlyList{AuditEntry}, CancellationToken)"/>
    public Task CommitAsync(MasterContext db, Actor actor, AuditEntry entry, CancellationToken cancellationToken) =>
        CommitAsync(db, actor, [entry], cancellationToken);

    /// <summary>Also works on a read-only master: for the answer that makes the master writable again.</summary>
    internal Task CommitAnywhereAsync(
        MasterContext db, Actor actor, AuditEntry entry, CancellationToken cancellationToken) =>
        SaveAndAppendAsync(db, actor, [entry], cancellationToken);

    /// <summary>
    /// Whether the trail accepts no records now. For actions that must happen anyway, such as locking an account or
    /// signing out.
    /// </summary>
    internal async Task<bool> IsClosedAsync(MasterContext db, CancellationToken cancellationToken) =>
        (await standing.CheckAsync(db, cancellationToken)).Problem is not null;

    private async Task SaveAndAppendAsync(
        MasterContext db, Actor actor, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var transaction = db.Database.CurrentTransaction ?? await db.Database.BeginTransactionAsync(cancellationToken);
        await using (transaction)
        {
            // A savepoint costs two round trips for each save, those of the record under the lock. The transaction
            // ends after a failed save, so nothing would return to a savepoint.
            db.Database.AutoSavepointsEnabled = false;
            await db.SaveChangesAsync(cancellationToken);
            if (entries.Count == 0)
            {
                await transaction.CommitAsync(cancellationToken);
                return;
            }

            // Done before the lock, because neither depends on the head, and a notification is sent by the COMMIT.
            if (actor.Request is { } request)
            {
                await RequestEffects.WriteAsync(db, request, entries, cancellationToken);
            }

            var values = await StoredAsync(db, entries, cancellationToken);
            var accounts = AccountsOf(actor, entries);
            if (accounts.Length > 0)
            {
                // Every action on or by an account writes a record, so this is the only place that notifies pages about
                // staff.
                await db.Database.ExecuteSqlAsync(
                    $"SELECT pg_notify('vigia_staff', account) FROM unnest({accounts}) account", cancellationToken);
            }

            var head = await LockHeadAsync(db, cancellationToken);
            var keys = standing.Demand(head);
            await AppendAsync(db, head, keys, actor, entries, values, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            RequestEffects.Remember(actor, entries);
            standing.Remember(head);

            // The head is also written to the log, so that a cut-off end of the table can be found.
            LogHead(logger, head.Seq, Convert.ToHexString(head.Hash));
        }
    }

    /// <summary>Appends to a head that is locked and was evaluated. The caller commits.</summary>
    internal async Task AppendAsync(
        MasterContext db, AuditHead head, AuditKeys keys, Actor actor, IReadOnlyList<AuditEntry> entries,
        IReadOnlyList<StoredValues> values, CancellationToken cancellationToken)
    {
        foreach (var (entry, stored) in entries.Zip(values))
        {
            db.Set<AuditEvent>().Add(Chain(head, keys, actor, entry, stored, time.GetUtcNow()));
        }

        keys.Sign(head);
        await db.SaveChangesAsync(cancellationToken);
    }

    // The accounts whose sessions and pages have to be looked at again. Empty text means any account.
    private static string[] AccountsOf(Actor actor, IReadOnlyList<AuditEntry> entries)
    {
        var ofStaff = entries.Where(entry => entry.Action.StartsWith("staff.", StringComparison.Ordinal)).ToList();
        var ofPrograms = entries.Where(entry => entry.Action.StartsWith("service_account.", StringComparison.Ordinal));
        var named = ofStaff.SelectMany(entry => new[] { actor.StaffId, entry.After?.GetValueOrDefault("staff_id") })
            .Concat(ofPrograms.Select(entry => entry.After?.GetValueOrDefault("service_account_id")))
            .Where(id => id is not null).Select(id => $"{id}").Distinct().ToArray();
        return ofStaff.Count > 0 && named.Length == 0 ? [""] : named;
    }

    /// <summary>
    /// Reads the head and locks it until the transaction ends. The lock serialises appending. FOR UPDATE reads the
    /// newest committed row under READ COMMITTED, so no two records have the same predecessor. Null when the row is
    /// missing, duplicated or unreadable.
    /// </summary>
    internal static async Task<AuditHead?> LockHeadAsync(MasterContext db, CancellationToken cancellationToken)
    {
        var locked = db.Set<AuditHead>().FromSqlRaw("SELECT * FROM portal.audit_head WHERE id = 1 FOR UPDATE")
            .AsNoTracking().OrderBy(h => h.Id).Take(2);
        if (await OneAsync(locked, cancellationToken) is not { } head)
        {
            return null;
        }

        // A context that appended before still tracks the old state of the head.
        db.ChangeTracker.Entries<AuditHead>().ToList().ForEach(known => known.State = EntityState.Detached);
        db.Attach(head);
        return head;
    }

    /// <summary>
    /// Reads the head without locking it. Null when the row is missing, duplicated or unreadable. An open transaction
    /// stays usable.
    /// </summary>
    internal static async Task<AuditHead?> ReadHeadAsync(MasterContext db, CancellationToken cancellationToken)
    {
        const string Before = "before_head";
        var transaction = db.Database.CurrentTransaction;
        await (transaction?.CreateSavepointAsync(Before, cancellationToken) ?? Task.CompletedTask);
        var head = await TryReadHeadAsync(db, cancellationToken);
        await (transaction?.RollbackToSavepointAsync(Before, cancellationToken) ?? Task.CompletedTask);
        return head;
    }

    /// <summary>The same, but when it returns null, an open transaction may have failed.</summary>
    internal static Task<AuditHead?> TryReadHeadAsync(MasterContext db, CancellationToken cancellationToken) =>
        OneAsync(
            db.Set<AuditHead>().AsNoTracking().Where(h => h.Id == 1).OrderBy(h => h.Id).Take(2), cancellationToken);

    private static async Task<AuditHead?> OneAsync(IQueryable<AuditHead> heads, CancellationToken cancellationToken)
    {
        try
        {
            return await heads.ToListAsync(cancellationToken) is [var head] ? head : null;
        }
        catch (Exception e) when (AuditUnreadable.Is(e))
        {
            return null;
        }
    }

    /// <summary>
    /// Returns the entries' values as jsonb writes them. This text is hashed, so that the hashed text equals the stored
    /// text.
    /// </summary>
    internal static async Task<IReadOnlyList<StoredValues>> StoredAsync(
        MasterContext db, IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var given = entries.SelectMany(
            entry => new[] { AuditStored.Values(entry.Before), AuditStored.Values(entry.After) }).ToList();
        var texts = given.OfType<string>().ToList();
        if (texts.Count > 0)
        {
            await using var command = new NpgsqlCommand(
                $"SELECT {string.Join(", ", texts.Select((_, i) => $"${i + 1}::jsonb::text"))}",
                (NpgsqlConnection)db.Database.GetDbConnection(),
                (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction());
            texts.ForEach(text =>
                command.Parameters.Add(
                new NpgsqlParameter { Value = text, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text }));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            var at = 0;
            given = [.. given.Select(text => text is null ? null : reader.GetString(at++))];
        }

        return [.. given.Chunk(2).Select(pair => new StoredValues(pair[0], pair[1]))];
    }

    /// <summary>Creates the next record and moves the head to it. The head is not signed yet.</summary>
    internal static AuditEvent Chain(
        AuditHead head, AuditKeys keys, Actor actor, AuditEntry entry, StoredValues values, DateTimeOffset now)
    {
        // PostgreSQL stores microseconds. The hashed value must equal the stored value.
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)).ToUniversalTime();
        var seq = head.Seq + 1;
        var record = new AuditEvent
        {
            Seq = seq,
            At = now,
            ActorId = actor.Id,
            ActorName = AuditStored.Text(actor.Name)!,
            ActorAddress = AuditStored.Text(actor.Address),
            Action = entry.Action,
            TenantId = entry.TenantId,
            Ruc = AuditStored.Text(entry.Ruc),
            Subdomain = AuditStored.Text(entry.Subdomain),
            Before = values.Before,
            After = values.After,
            Reason = AuditStored.Text(entry.Reason),
            OperationId = entry.OperationId,
            TraceId = Activity.Current?.TraceId.ToHexString(),
            Via = AuditStored.Text(actor.Via),
            SignatureMeaning = entry.SignatureMeaning,
            SignedWith = entry.SignedWith,
            PreviousHash = head.Hash,
        };
        record.Body = Body(record);
        record.Hash = keys.Hash(record.PreviousHash, record.Body);
        (head.Seq, head.Hash, head.At) = (seq, record.Hash, now);
        return record;
    }

    private static string Body(AuditEvent record) => JsonSerializer.Serialize(new object?[]
    {
        record.Seq, record.At.UtcDateTime.ToString("O"), record.ActorId, record.ActorName, record.ActorAddress,
        record.Action, record.TenantId, record.Ruc, record.Subdomain,
        record.Before, record.After, record.Reason, record.OperationId, record.TraceId, record.Via,
        record.SignatureMeaning, record.SignedWith,
    });

    [LoggerMessage(Level = LogLevel.Information, Message = "Audit head {AuditSeq} {AuditHash}")]
    private static partial void LogHead(ILogger logger, long auditSeq, string auditHash);
}

/// <summary>The values of an entry as jsonb writes them.</summary>
internal sealed record StoredValues(string? Before, string? After);
