using System.Diagnostics;
using NpgsqlTypes;
using Vigia.Core.Audit;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Audit;

/// <summary>A trail of a million records: read as a stream, whatever its length.</summary>
public sealed class LongTrailTests(PostgresServer server) : CoreClass(server)
{
    private const int Rows = 1_000_000;

    // A million records that are held take more than a gigabyte; other tests work in this process at the same time, and theirs is in it.
    private const long MostGrowth = 512 * 1024 * 1024;

    protected override bool Workers => false;

    [Fact]
    public async Task VerifyAndExport_AMillionRecords_InBoundedMemoryWithProgress()
    {
        await FillAsync();
        var (steps, peak) = (new List<long>(), 0L);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        void Sample() => peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false) - before);
        var clock = Stopwatch.StartNew();

        var verdict = await Host.Get<AuditVerifier>().VerifyAsync(Host.Admin, null, new Steps(step =>
        {
            steps.Add(step.Read);
            if (step.Read % 200_000 == 0)
            {
                GC.Collect();
                Sample();
            }
        }), Cancellation);

        var verifying = clock.Elapsed;
        Assert.True(verdict.Holds, $"{verdict}");
        Assert.Equal(Rows, verdict.Rows);
        Assert.True(steps.Count >= Rows / 10_000 && steps.SequenceEqual(steps.Order()), $"{steps.Count} steps");
        var read = 0;
        await foreach (var record in Host.Get<AuditReader>().ExportAsync(Host.Admin, new AuditFilter(), "jsonl", Cancellation))
        {
            if (++read % 200_000 == 0)
            {
                GC.Collect();
                Sample();
            }
        }

        Assert.Equal(Rows + 1, read);
        TestContext.Current.SendDiagnosticMessage($"{Rows:N0} records: verified in {verifying.TotalSeconds:N1} s, exported in {(clock.Elapsed - verifying).TotalSeconds:N1} s, at most {peak / 1024.0 / 1024:N1} MiB more");
        Assert.True(peak < MostGrowth, $"{peak:N0} bytes");
    }

    // As the trail itself would write them, with its key: chained here, copied in.
    private async Task FillAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        await Host.Get<AuditTrail>().CommitAsync(db, Host.Admin, new AuditEntry("test.begun"), Cancellation);
        var head = db.AuditHead.Single();
        var key = Host.Get<AuditTrail>().ReadKey(head)!;
        await using var connection = await PostgresServer.OpenAsync(Host.Master, Cancellation);
        await using (var copy = await connection.BeginBinaryImportAsync("COPY portal.audit_events (seq, at, actor_id, actor_name, actor_address, action, tenant_id, reason, body, previous_hash, hash) FROM STDIN (FORMAT binary)", Cancellation))
        {
            var now = new DateTimeOffset(2026, 9, 5, 12, 0, 0, TimeSpan.Zero);
            while (head.Seq < Rows)
            {
                var record = AuditTrail.Chain(head, key, Host.Admin, new AuditEntry("test.happened") { TenantId = (int)(head.Seq % 500), Reason = "una de tantas" }, now.AddSeconds(head.Seq));
                await copy.StartRowAsync(Cancellation);
                await copy.WriteAsync(record.Seq, Cancellation);
                await copy.WriteAsync(record.At, NpgsqlDbType.TimestampTz, Cancellation);
                await copy.WriteAsync(record.ActorId!.Value, Cancellation);
                await copy.WriteAsync(record.ActorName, Cancellation);
                await copy.WriteAsync(record.ActorAddress!, Cancellation);
                await copy.WriteAsync(record.Action, Cancellation);
                await copy.WriteAsync(record.TenantId!.Value, Cancellation);
                await copy.WriteAsync(record.Reason!, Cancellation);
                await copy.WriteAsync(record.Body, Cancellation);
                await copy.WriteAsync(record.PreviousHash, Cancellation);
                await copy.WriteAsync(record.Hash, Cancellation);
                (head.Seq, head.Hash) = (record.Seq, record.Hash);
            }

            await copy.CompleteAsync(Cancellation);
        }

        await db.SaveChangesAsync(Cancellation);
    }

    private sealed class Steps(Action<(long Read, long Total)> told) : IProgress<(long Read, long Total)>
    {
        public void Report((long Read, long Total) value) => told(value);
    }
}
