using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>The records of one day in a trail of forty days.</summary>
public sealed class OldDayTests(PostgresServer server, OldDayTests.Days days)
    : CoreTestBase(server), IClassFixture<OldDayTests.Days>
{
    private readonly ReadStatements _statements = new();

    protected override CoreHost? Shared => days.Host;

    private AuditReader Reader => new(_statements.Factory(Host), Host.Get<AuditTrail>(), Host.Get<OneAtATime>());

    [Theory]
    [InlineData(null)]
    [InlineData("numero 3")]
    public async Task List_OldDayOfALongTrail_SkipsNoNewerRecords(string? actor)
    {
        var day = DateTimeOffset.UtcNow.AddDays(-30);
        var filter = new AuditFilter { Actor = actor, From = day, To = day.AddDays(1), IsFolded = true };

        var page = await ListAsync(filter, 1);

        Assert.InRange(page.Total, actor is null ? 1_439 : 180, actor is null ? 1_441 : 400);
        Assert.All(page.Items, e => Assert.InRange(e.At, day, day.AddDays(1)));
        foreach (var plan in await _statements.ExplainAsync(Host.Master, Cancellation, analyze: true))
        {
            Assert.True(ReadStatements.MostRemoved(plan) < 3_000, plan);
        }
    }

    private Task<AuditPage> ListAsync(AuditFilter filter, int page, ListPlace<long>? place = null) =>
        Reader.ListAsync(Host.Admin, filter, page, 20, Cancellation, place);

    public sealed class Days(PostgresServer server) : SharedCoreHost(server)
    {
        protected override Task FillAsync() => ExecuteAsync(
        [
            .. ManyRecords.Of(60_000),
            """
            SET session_replication_role = replica;
            UPDATE portal.audit_events SET at = now() - (60100 - seq) * interval '1 minute';
            """,
            "VACUUM ANALYZE portal.audit_events",
        ]);
    }
}
