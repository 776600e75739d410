using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

public sealed class AuditTrailTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    [Fact]
    public async Task Commit_ThirtyAtOnce_GivesOneChain()
    {
        await Task.WhenAll(Enumerable.Range(0, 30).Select(async i =>
        {
            await using var db = await Host.OpenMasterAsync();
            await Host.Get<AuditTrail>()
                .CommitAsync(db, Host.Admin, new AuditEntry("test.happened") { Reason = $"número {i}" }, Cancellation);
        }));

        await using var reading = await Host.OpenMasterAsync();
        var head = await reading.Set<AuditHead>().AsNoTracking().SingleAsync(Cancellation);
        var events = await reading.Set<AuditEvent>().AsNoTracking().OrderBy(e => e.Seq).ToListAsync(Cancellation);
        var key = AuditKeys.Open(head, new SecretKeyRing(CoreHost.Secret, null))!.Key;
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Seq));
        foreach (var (previous, record) in events.Zip(events.Skip(1)))
        {
            Assert.Equal(previous.Hash, record.PreviousHash);
            Assert.Equal(HMACSHA256.HashData(
                key, (byte[])[.. record.PreviousHash, .. Encoding.UTF8.GetBytes(record.Body)]), record.Hash);
        }

        Assert.Equal((events[^1].Seq, Convert.ToHexString(events[^1].Hash)),
            (head.Seq, Convert.ToHexString(head.Hash)));
        Assert.Equal(30, events.Count(e => e.Action == "test.happened"));
    }

    [Theory]
    [InlineData("UPDATE portal.audit_events SET reason = 'x'")]
    [InlineData("DELETE FROM portal.audit_events")]
    [InlineData("TRUNCATE portal.audit_events")]
    public async Task Table_UpdateOrDelete_IsRefused(string sql)
    {
        await RegisterAsync(NewName("fijo"));

        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => PostgresServer.ExecuteAsync(Host.Master, sql, Cancellation));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Theory]
    [InlineData("test.happened")]
    [InlineData("staff.renamed")]
    public async Task Commit_WhileTheHeadIsLocked_TakesThreeRoundTrips(string action)
    {
        var trips = new RoundTrips();
        var options = new DbContextOptionsBuilder<MasterContext>(
            Host.Get<DbContextOptions<MasterContext>>()).AddInterceptors(trips);
        await using var db = new MasterContext(options.Options);
        await using var transaction = await db.Database.BeginTransactionAsync(Cancellation);
        db.Set<RecurringTick>().Add(new RecurringTick { Job = "test", LastTick = DateTimeOffset.UtcNow });

        await Host.Get<AuditTrail>().CommitAsync(
            db, Host.Admin, [new AuditEntry(action), new AuditEntry("test.happened")], Cancellation);

        // The lock, the records with the new head, and the commit.
        Assert.Equal(3, trips.SinceLock.Count);
        Assert.Contains("FOR UPDATE", trips.SinceLock[0], StringComparison.Ordinal);
        Assert.Equal("COMMIT", trips.SinceLock[2]);
    }

    private sealed class RoundTrips : DbCommandInterceptor, IDbTransactionInterceptor
    {
        private readonly List<string> _all = [];

        public List<string> SinceLock =>
            [.. _all.SkipWhile(s => !s.Contains("audit_head", StringComparison.Ordinal))];

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
            CancellationToken cancellationToken = default)
        {
            _all.Add(command.CommandText);
            return ValueTask.FromResult(result);
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result,
            CancellationToken cancellationToken = default)
        {
            _all.Add(command.CommandText);
            return ValueTask.FromResult(result);
        }

        public ValueTask<InterceptionResult> CreatingSavepointAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result,
            CancellationToken cancellationToken = default) => Note("SAVEPOINT", result);

        public ValueTask<InterceptionResult> ReleasingSavepointAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result,
            CancellationToken cancellationToken = default) => Note("RELEASE", result);

        public ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result,
            CancellationToken cancellationToken = default) => Note("COMMIT", result);

        private ValueTask<InterceptionResult> Note(string what, InterceptionResult result)
        {
            _all.Add(what);
            return ValueTask.FromResult(result);
        }
    }
}
