using System.Data;
using System.Globalization;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Secrets;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// Verifies the chain from the first record to the head: no place is missing, every hash matches the stored text, every
/// column matches that text, the head is signed with the portal's key, and the end matches the head and every exported
/// head. Reads one snapshot, with one row in memory at a time.
/// </summary>
// More than five dependencies: a verification compares the records with every other witness: heads in the folder,
// keys, earlier results.
public sealed class AuditVerifier(
    IDbContextFactory<MasterContext> contexts, AuditStanding standing, AuditHeadFolder folder, SecretKeyRing ring,
    NeededKeys needed, AuditChecks checks, OneAtATime heavy)
{
    private const int ReportEvery = 10_000;

    /// <summary>
    /// Verifies the whole chain and stores the result. A finding raises an alarm, which stays until a verification
    /// holds again.
    /// </summary>
    /// <param name="actor">The person who asks.</param>
    /// <param name="kept">
    /// A head that was noted or exported earlier, to compare with in addition to those in the folder. It may be
    /// mistyped, so what does not match it is answered but not stored, and raises no alarm.
    /// </param>
    /// <param name="progress">Receives the number of records read and their total number.</param>
    /// <exception cref="AlreadyRunningException">The person has a verification running.</exception>
    public async Task<AuditVerdict> VerifyAsync(
        Actor actor, AuditHeadMark? kept, IProgress<(long Read, long Total)>? progress,
        CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditVerify);
        using var turn = heavy.Begin(actor.Id, HeavyCall.Verification);
        var (verdict, ofKept) = await CompareAsync(kept, progress, cancellationToken);
        await checks.StoreAsync(verdict, cancellationToken);
        return verdict.With(ofKept);
    }

    /// <summary>Verifies like the other method, and stores nothing.</summary>
    internal async Task<AuditVerdict> WalkAsync(
        AuditHeadMark? kept, IProgress<(long Read, long Total)>? progress, CancellationToken cancellationToken)
    {
        var (verdict, ofKept) = await CompareAsync(kept, progress, cancellationToken);
        return verdict.With(ofKept);
    }

    // The second result is what does not match the kept head.
    private async Task<(AuditVerdict Verdict, AuditFinding? OfKept)> CompareAsync(
        AuditHeadMark? kept, IProgress<(long Read, long Total)>? progress, CancellationToken cancellationToken)
    {
        // The known heads are read first, because others may append and export between the two reads.
        var (known, exported) = (standing.Latest(), folder.Read().ToList());
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction =
            await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var found = await AuditTrail.ReadHeadAsync(db, cancellationToken);
        var head = found ?? new AuditHead { Hash = new byte[32] };
        var (findings, keys) = (new AuditFindings(), standing.Open(head));
        var marks = found is null ? [] : Compare(exported, head, keys, findings);
        using var walk = new AuditWalk(head, keys, marks.ToLookup(mark => mark.Seq), findings, kept);
        await CatchUnreadableAsync(
            transaction, findings, () => walk.Rows + 1, () => ReadAllAsync(db, walk, head, progress, cancellationToken),
            cancellationToken);
        if (standing.Evaluate(found, known) is { } problem)
        {
            findings.Add(Math.Max(1, head.Seq), problem);
        }

        var place = Math.Max(1, head.Seq);
        await CatchUnreadableAsync(
            transaction, findings, () => place, () => CheckKeysAsync(db, place, findings, cancellationToken),
            cancellationToken);
        return (findings.ToVerdict(walk.Rows, head, keys), walk.OfKept);
    }

    private static async Task ReadAllAsync(
        MasterContext db, AuditWalk walk, AuditHead head, IProgress<(long Read, long Total)>? progress,
        CancellationToken cancellationToken)
    {
        await using var command =
            new NpgsqlCommand(AuditWalk.Sql, (NpgsqlConnection)db.Database.GetDbConnection()) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            walk.Add(reader);
            if (walk.Rows % ReportEvery == 0)
            {
                progress?.Report((walk.Rows, head.Seq));
            }
        }

        walk.End();
    }

    // An unreadable part becomes a finding and does not stop the verification. Without a verdict there would be no
    // alarm.
    private static async Task CatchUnreadableAsync(
        IDbContextTransaction transaction, AuditFindings findings, Func<long> place, Func<Task> checkAsync,
        CancellationToken cancellationToken)
    {
        const string Before = "before_look";
        await transaction.CreateSavepointAsync(Before, cancellationToken);
        try
        {
            try
            {
                await checkAsync();
            }
            catch (Exception e) when (StalePlan.Is(e))
            {
                // A column got another type. This session had prepared the statement for the former one.
                await transaction.RollbackToSavepointAsync(Before, cancellationToken);
                await checkAsync();
            }
        }
        catch (Exception e) when (AuditUnreadable.Is(e))
        {
            findings.Add(place(), AuditUnreadable.Describe(e));
            await transaction.RollbackToSavepointAsync(Before, cancellationToken);
        }
    }

    // Returns the exported heads of this chain. Problems of the folder, or of a chain that it names, become findings.
    private static List<AuditHeadMark> Compare(
        List<ExportedHead> all, AuditHead head, AuditKeys? keys, AuditFindings findings)
    {
        var marks = new List<AuditHeadMark>();
        foreach (var exported in all)
        {
            if (exported.Head is not { } said
                || (keys is not null && said.Chain == head.Chain && said.ChainId == head.ChainId
                && !keys.IsSigned(exported.Statement, exported.Signature)))
            {
                findings.Add(Math.Max(1, exported.Head?.Mark.Seq ?? head.Seq),
                    new Message("audit_export_altered", exported.Name));
            }
            else if (said.Chain == head.Chain && said.ChainId == head.ChainId)
            {
                marks.Add(said.Mark);
            }
            else if (said.Chain >= head.Chain)
            {
                findings.Add(Math.Max(1, said.Mark.Seq),
                    new Message("audit_chain_replaced", said.Mark.Seq.ToString(CultureInfo.InvariantCulture)));
            }
        }

        return marks;
    }

    // The portal never uses a key that it did not wrap, but such a key means that somebody put it there. A missing key
    // that is needed means that somebody removed it.
    private async Task CheckKeysAsync(
        MasterContext db, long place, AuditFindings findings, CancellationToken cancellationToken)
    {
        var rows = await db.Set<DataProtectionKey>().AsNoTracking().ToListAsync(cancellationToken);
        var strange = rows.Where(key => SealedKeyRepository.Open(ring, key) is null).ToList();
        if (strange.Count > 0)
        {
            var ids = strange.Select(key => key.Id.ToString(CultureInfo.InvariantCulture));
            findings.Add(place, new Message("keys_planted", string.Join(", ", ids)));
        }

        if (await needed.MissingAsync(db, rows, ring, cancellationToken) is { Count: > 0 } missing)
        {
            findings.Add(place, new Message("keys_missing", string.Join(", ", missing)));
        }
    }
}
