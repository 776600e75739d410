using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>Lists that look at a part of a long trail only.</summary>
public sealed class AuditWindowTests(PostgresServer server) : CoreTestBase(server)
{
    private readonly ReadStatements _statements = new();

    protected override bool Workers => false;

    private AuditReader Reader => new(_statements.Factory(Host), Host.Get<AuditTrail>(), Host.Get<OneAtATime>());

    /// <summary>
    /// A run of very many records is a row for each block, whether the tenants have operations of their own or not, and
    /// a page looks at no more than its blocks.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_InsideAnOperationOnVeryMany_LooksAtNoMoreThanItsBlocks(bool hasChildren)
    {
        const int Count = 20_000;
        var own = hasChildren ? "(seq - 100)::text" : "'0'";
        await AddAsync(Count, tenants: Count);
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database),
            $$"""
            INSERT INTO portal.operations (
                id, parent_id, kind, state, server_id, requested_by_name, data, priority, attempt, crashes, epoch,
                created_at, progress)
            SELECT ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid,
                CASE WHEN i > 0 THEN '00000000-0000-0000-0000-000000000000'::uuid END, 'migrate_tenant', 'succeeded', 1,
                'Ana', '{}', 10, 0, 0, 0, now(), 100
            FROM generate_series(0, {{(hasChildren ? Count : 0)}}) i ORDER BY i;
            SET session_replication_role = replica;
            UPDATE portal.audit_events SET action = 'tenant.suspended',
                operation_id = ('00000000-0000-0000-0000-' || lpad({{own}}, 12, '0'))::uuid;
            """, Cancellation);
        foreach (var table in new[] { "audit_events", "operations" })
        {
            await PostgresServer.ExecuteAsync(
                Server.SuperuserUrl(Host.Master.Database), $"VACUUM ANALYZE portal.{table}", Cancellation);
        }

        var first = await ListAsync(new AuditFilter { IsFolded = true }, 1);
        var next = await ListAsync(new AuditFilter { IsFolded = true }, 2, new(first.Items[^1].Seq, Before: false));

        Assert.Equal(20, first.Items.Count);
        Assert.Equal((100 + Count) % AuditFolding.Block + 1, first.Folds[first.Items[0].Seq].Tenants);
        Assert.Equal(
            [(AuditFolding.Block, hasChildren)],
            next.Items.Select(e => (next.Folds[e.Seq].Tenants, next.Folds[e.Seq].HasChildren)).Distinct());
        foreach (var plan in await _statements.ExplainAsync(Host.Master, Cancellation, analyze: true))
        {
            Assert.InRange(ReadStatements.MostRows(plan), 0, 21 * AuditFolding.Block);
            Assert.InRange(ReadStatements.MostRemoved(plan), 0, 21 * AuditFolding.Block);
        }
    }

    [Fact]
    public async Task List_NameOfThousandsOfTenants_SearchesAWindowAndSaysItsEnd()
    {
        await AddAsync(12_000, tenants: 2_500);
        var seldom = new AuditFilter { Tenant = "sac", Action = "rare.thing" };
        var never = new AuditFilter { Tenant = "sac", Words = AuditFilter.WordsOf("inexistente", _ => []) };

        Assert.Equal(13, (await Reader.ListAsync(Host.Admin, seldom, 1, 50, Cancellation)).Items.Count);
        var page = await ListAsync(never, 1);

        Assert.Empty(page.Items);
        Assert.False(page.HasNext);
        Assert.Equal(12_000 + 100 - AuditMatch.Window + 1, page.ComparedTo!.Seq);
        var further = await ListAsync(never, 2, new(page.ComparedTo.Seq, Before: false));
        Assert.Null(further.ComparedTo);
        foreach (var plan in await _statements.ExplainAsync(Host.Master, Cancellation, analyze: true))
        {
            Assert.InRange(ReadStatements.MostRows(plan), 0, ListTotal.Most + 200);
            Assert.True(ReadStatements.MostRemoved(plan) <= ListTotal.Most + 200, plan);
        }
    }

    private Task<AuditPage> ListAsync(AuditFilter filter, int page, ListPlace<long>? place = null) =>
        Reader.ListAsync(Host.Admin, filter, page, 20, Cancellation, place);

    private async Task AddAsync(int count, int tenants)
    {
        foreach (var sql in ManyRecords.Of(count, tenants))
        {
            await PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), sql, Cancellation);
        }
    }
}
