using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Secrets;
using Vigia.Core.Registry.Audit;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

public sealed class AuditTrailTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    [Fact]
    public async Task Commit_ThirtyAtOnce_GiveOneChainWithoutFork()
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
    public async Task Table_Change_IsRefused(string sql)
    {
        await RegisterAsync(NewName("fijo"));

        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => PostgresServer.ExecuteAsync(Host.Master, sql, Cancellation));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }
}
