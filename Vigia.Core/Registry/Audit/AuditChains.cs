using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Registry.Audit;

/// <summary>A new chain.</summary>
/// <param name="Chain">The number of the chain.</param>
/// <param name="FirstSeq">The place of its first record.</param>
/// <param name="SealedRows">The number of earlier records that it seals.</param>
/// <param name="Fingerprint">SHA-256 of its public key.</param>
public sealed record BegunChain(int Chain, long FirstSeq, long SealedRows, string Fingerprint);

/// <summary>
/// Begins chains. The first chain begins with the portal's first start. Another chain begins only when a person on the
/// server's console asks for it. A missing key is never replaced silently, because then anybody who can set it to null
/// could begin a new chain.
/// </summary>
public sealed class AuditChains(
    IDbContextFactory<MasterContext> contexts, AuditStanding standing, AuditHeadFolder folder, AuditTrail trail,
    SecretKeyRing ring)
{
    /// <summary>The action of the first record of every chain except the first chain.</summary>
    public const string Begun = "audit.chain_begun";

    internal const string SealedRows = "sealed_rows";
    internal const string SealedDigest = "sealed_digest";

    /// <summary>
    /// Creates the keys of the first chain, in a master that was never started before. The caller saves and commits.
    /// The first start calls this before it writes anything else. Therefore any other row proves an earlier start,
    /// whatever the rows of the chain contain.
    /// </summary>
    internal async Task BeginFirstAsync(MasterContext db, CancellationToken cancellationToken)
    {
        var head = await AuditTrail.LockHeadAsync(db, cancellationToken);
        if (head is null || head.WrappedKey is not null || head.Seq > 0 || await HasStartedAsync(db, cancellationToken))
        {
            return;
        }

        (head.Chain, head.ChainId, head.FirstSeq) = (1, Guid.NewGuid(), 1);
        AuditKeys.Create(head, ring).Sign(head);
    }

    private static Task<bool> HasStartedAsync(MasterContext db, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<bool>($"""
        SELECT EXISTS (SELECT FROM portal.audit_events) OR EXISTS (SELECT FROM portal.staff)
            OR EXISTS (SELECT FROM portal.data_protection_keys) OR EXISTS (SELECT FROM portal.databases)
            OR EXISTS (SELECT FROM portal.tenant_trash) OR EXISTS (SELECT FROM portal.operations) AS "Value"
        """).SingleAsync(cancellationToken);

    /// <summary>
    /// Begins a new chain with its own keys. Its first record contains the reason, the problem, the last exported head
    /// and whether the records match that head. It also seals all earlier records as they are. No place is used twice,
    /// so the chain begins after every known place.
    /// </summary>
    /// <param name="reason">The reason that the person gives.</param>
    /// <param name="given">
    /// A head that was kept elsewhere. When it is null, the latest head in the folder is used.
    /// </param>
    /// <exception cref="InvalidInputException"><c>reason</c>.</exception>
    public async Task<BegunChain> BeginAsync(string? reason, AuditHeadMark? given, CancellationToken cancellationToken)
    {
        TenantRules.DemandReason(reason);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var found = await AuditTrail.LockHeadAsync(db, cancellationToken);
        var problem = standing.Evaluate(found, standing.Latest());
        var head = found ?? await CreateHeadAsync(db, cancellationToken);
        var (before, latest) = (AuditHeadOfChain.Of(head), folder.Latest());
        var exported = given ?? latest?.Mark;
        using var digest = new AuditDigest();
        var (last, holds) = await SealAsync(db, digest, exported, cancellationToken);
        head.Seq = Math.Max(Math.Max(head.Seq, last), exported?.Seq ?? 0);

        // Only chain 1 begins without sealing earlier records.
        var chain = Math.Max(Math.Max(head.Chain, 1), latest?.Chain ?? 0) + 1;
        (head.Chain, head.ChainId, head.FirstSeq) = (chain, Guid.NewGuid(), head.Seq + 1);
        var keys = AuditKeys.Create(head, ring);
        var entry = new AuditEntry(Begun)
        {
            Reason = reason,
            Before = new Dictionary<string, object?>
            {
                ["chain"] = before.Chain, ["head"] = before.Mark.ToString(),
                ["state"] = AuditedMessage.Of(problem) ?? "sound"
            },
            After = new Dictionary<string, object?>
            {
                ["chain"] = head.Chain,
                ["key"] = keys.Fingerprint,
                ["last_exported_head"] = exported?.ToString(),
                ["exported_head_holds"] = holds,
                [SealedRows] = digest.Rows,
                [SealedDigest] = digest.Result(),
            },
        };
        var values = await AuditTrail.StoredAsync(db, [entry], cancellationToken);
        await trail.AppendAsync(
            db, head, keys, Actor.System with { Via = "console" }, [entry], values, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        standing.Remember(head);
        standing.Evaluate(head, null);
        folder.Write(head, keys);
        return new BegunChain(head.Chain, head.FirstSeq, digest.Rows, keys.Fingerprint);
    }

    // Replaces a head row that is missing or duplicated. The records show how many chains were begun before.
    private static async Task<AuditHead> CreateHeadAsync(MasterContext db, CancellationToken cancellationToken)
    {
        await db.Set<AuditHead>().ExecuteDeleteAsync(cancellationToken);
        var begun = await db.Set<AuditEvent>().CountAsync(e => e.Action == Begun, cancellationToken);
        var head = new AuditHead { Id = 1, Hash = new byte[32], Chain = 1 + begun };
        db.Set<AuditHead>().Add(head);
        await db.SaveChangesAsync(cancellationToken);
        return head;
    }

    // Returns the last place, and whether the record at the place of the exported head has its hash (null without such
    // a head).
    private static async Task<(long Last, bool? Holds)> SealAsync(
        MasterContext db, AuditDigest digest, AuditHeadMark? exported, CancellationToken cancellationToken)
    {
        await using var command =
            new NpgsqlCommand(AuditWalk.Sql, (NpgsqlConnection)db.Database.GetDbConnection(),
            (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction())
            { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (last, holds) = (0L, exported is null ? (bool?)null : exported.Seq == 0);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (AuditWalk.Place(reader) is not { } place)
            {
                // The row belongs to no chain. Each verification reports it.
                continue;
            }

            digest.Add(reader);
            last = place;
            if (last == exported?.Seq)
            {
                holds = AuditWalk.HashOf(reader) is { } hash && exported.IsHash(hash);
            }
        }

        return (last, holds);
    }
}
