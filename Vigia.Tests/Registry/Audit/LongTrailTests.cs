using System.Diagnostics;
using NpgsqlTypes;
using Vigia.Core.Registry.Audit;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>
/// A long audit trail is read as a stream, no matter how long it is. With <c>--faults</c> it has a million records.
/// </summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class LongTrailTests(PostgresServer server) : CoreTestBase(server)
{
    // A hundred thousand records in memory take more than 100 MB.
    private const long MostGrowth = 16 * 1024 * 1024;

    private static int Rows => Environment.GetEnvironmentVariable("VIGIA_FAULT_ROUNDS") is null ? 100_000 : 1_000_000;

    protected override bool Workers => false;

    [Fact]
    public async Task VerifyAndExport_LongTrail_UseBoundedMemory()
    {
        await FillAsync();
        var (steps, peak) = (new List<long>(), 0L);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        void Sample() => peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before);
        var clock = Stopwatch.StartNew();

        var verdict = await Host.Get<AuditVerifier>().VerifyAsync(Host.Admin, null, new Steps(step =>
        {
            steps.Add(step.Read);
            if (step.Read % (Rows / 5) == 0)
            {
                Sample();
            }
        }), Cancellation);

        var verifying = clock.Elapsed;
        Assert.True(verdict.Holds, $"{verdict}");
        Assert.Equal(Rows, verdict.Rows);
        Assert.True(steps.Count >= Rows / 10_000 && steps.SequenceEqual(steps.Order()), $"{steps.Count} steps");
        var read = 0;
        await foreach (var record in Host.Get<AuditReader>()
            .ExportAsync(Host.Admin, new AuditFilter(), "jsonl", Cancellation))
        {
            if (++read % (Rows / 5) == 0)
            {
                Sample();
            }
        }

        Assert.Equal(Rows + 1, read);
        var exporting = clock.Elapsed - verifying;
        TestContext.Current.SendDiagnosticMessage(
            $"{Rows:N0} records: verified in {verifying.TotalSeconds:N1} s, exported in {exporting.TotalSeconds:N1} s, "
            + $"at most {peak / 1024.0 / 1024:N1} MiB more");
        Assert.True(peak < MostGrowth, $"{peak:N0} bytes");
    }

    // Writes the same rows as the trail itself, with its key: chains them here and copies them in.
    private async Task FillAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        await Host.Get<AuditTrail>().CommitAsync(db, Host.Admin, new AuditEntry("test.begun"), Cancellation);
        var head = db.Set<AuditHead>().Single();
        var keys = Host.Get<AuditStanding>().Open(head)!;
        await using var connection = await PostgresServer.OpenAsync(Host.Master, Cancellation);
        await using (var copy = await connection.BeginBinaryImportAsync(
            "COPY portal.audit_events (seq, at, actor_id, actor_name, actor_address, action, tenant_id, reason, body, "
            + "previous_hash, hash) FROM STDIN (FORMAT binary)", Cancellation))
        {
            var now = new DateTimeOffset(2026, 9, 5, 12, 0, 0, TimeSpan.Zero);
            while (head.Seq < Rows)
            {
                var record = AuditTrail.Chain(
                    head, keys, Host.Admin,
                    new AuditEntry("test.happened") { TenantId = (int)(head.Seq % 500), Reason = "una de tantas" },
                    new StoredValues(null, null), now.AddSeconds(head.Seq));
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
            }

            await copy.CompleteAsync(Cancellation);
        }

        keys.Sign(head);
        await db.SaveChangesAsync(Cancellation);
    }

    private sealed class Steps(Action<(long Read, long Total)> told) : IProgress<(long Read, long Total)>
    {
        public void Report((long Read, long Total) value) => told(value);
    }
}
