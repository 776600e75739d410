using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>Turning the pages of a long trail, with the filters that stand for several values.</summary>
public sealed class AuditPagingTests(PostgresServer server) : CoreTestBase(server)
{
    private readonly ReadStatements _statements = new();

    protected override bool Workers => false;

    private AuditReader Reader => new(_statements.Factory(Host), Host.Get<AuditTrail>(), Host.Get<OneAtATime>());

    public static TheoryData<string?, string?, string?, bool, int> Filters => new()
    {
        { null, null, null, false, 1_000 },
        { "numero 1", null, null, false, 300 },
        { null, "tenant.", null, false, 500 },
        { "persona", "staff.", null, true, 9 },
        { null, null, "botica sac", false, 350 },
        { "numero 2", "tenant.", "botica", false, 200 },
        { null, null, "nadie", false, 0 },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task List_TurnedPageByPage_HasTheSameRecordsAsByNumber(
        string? actor, string? action, string? tenant, bool signedOnly, int total)
    {
        await AddAsync(1_000);
        var filter = new AuditFilter { Actor = actor, Action = action, Tenant = tenant, SignedOnly = signedOnly };
        var byNumber = new List<long>();
        AuditPage page;
        for (var number = 1; (page = await ListAsync(filter, number)).Items.Count > 0; number++)
        {
            byNumber.AddRange(page.Items.Select(e => e.Seq));
        }

        page = await ListAsync(filter, 1);
        var forward = page.Items.Select(e => e.Seq).ToList();
        while (page.HasNext)
        {
            page = await ListAsync(filter, page.Page + 1, new(page.Items[^1].Seq, Before: false));
            forward.AddRange(page.Items.Select(e => e.Seq));
        }

        page = await ListAsync(filter, -1);
        var backward = page.Items.Select(e => e.Seq).ToList();
        while (page.HasPrevious)
        {
            page = await ListAsync(filter, page.Page - 1, new(page.Items[0].Seq, Before: true));
            backward.InsertRange(0, page.Items.Select(e => e.Seq));
        }

        Assert.Equal(byNumber.OrderDescending(), byNumber);
        Assert.Equal(total == 0 ? 0 : page.Total, byNumber.Count);
        Assert.InRange(byNumber.Count, total == 0 ? 0 : 1, Math.Max(total, 0) + 60);
        Assert.Equal(byNumber, forward);
        Assert.Equal(byNumber, backward);
        Assert.Equal(byNumber.Count, await Reader.CountAsync(Host.Admin, filter, null, Cancellation));
    }

    [Theory]
    [InlineData(null, null, null, false)]
    [InlineData("numero 3", null, null, false)]
    [InlineData(null, "rare.", null, false)]
    [InlineData(null, "rare.thing", null, false)]
    [InlineData("00000000-0000-0000-0000-000000000077", null, null, false)]
    [InlineData(null, null, "botica 77", false)]
    [InlineData(null, null, "clinica", false)]
    [InlineData(null, null, null, true)]
    [InlineData(null, null, null, false, "no hay tal palabra")]
    [InlineData(null, null, "botica 77", false, "no hay tal palabra")]
    public async Task List_DeepInsideALongTrail_ReadsOnlyAFewRecords(
        string? actor, string? action, string? tenant, bool isSigned, string? text = null)
    {
        await AddAsync(60_000);
        var filter = new AuditFilter
        {
            Actor = actor, Action = action, Tenant = tenant, SignedOnly = isSigned,
            Words = AuditFilter.WordsOf(text, _ => []), IsFolded = true,
        };
        await ListAsync(filter, 1);
        var last = await ListAsync(filter, -1);
        await ListAsync(filter, -2, last.Items.Count == 0 ? null : new(last.Items[0].Seq, Before: true));
        await ListAsync(filter, 3, new(30_000, Before: false));
        if (text is null)
        {
            await Reader.CountAsync(Host.Admin, filter, 59_900, Cancellation);
        }

        foreach (var plan in await _statements.ExplainAsync(Host.Master, Cancellation, analyze: true))
        {
            // A count stops within the records of one value, here 1,500 at most.
            Assert.True(ReadStatements.MostRows(plan) <= ListTotal.Most + 1_500, plan);
            Assert.True(ReadStatements.MostRemoved(plan) <= ListTotal.Most + 1_500, plan);
            Assert.True(
                !plan.Contains("Seq Scan on audit_events", StringComparison.Ordinal)
                    || ((actor ?? action ?? tenant ?? text) is null && !isSigned), plan);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("numero 3")]
    public async Task List_OldDayOfALongTrail_SkipsNoNewerRecords(string? actor)
    {
        await AddAsync(60_000);
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database),
            """
            SET session_replication_role = replica;
            UPDATE portal.audit_events SET at = now() - (60100 - seq) * interval '1 minute';
            """, Cancellation);
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database), "VACUUM ANALYZE portal.audit_events", Cancellation);
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

    /// <summary>
    /// A run of very many records is a row for each block, whether the tenants have operations of their own or not, and
    /// a page looks at no more than its blocks.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_InsideAnOperationOnVeryMany_LooksAtNoMoreThanItsBlocks(bool hasChildren)
    {
        const int Count = 40_000;
        var own = hasChildren ? "(seq - 100)::text" : "'0'";
        await AddAsync(Count, tenants: 40_000);
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

    // Records that a superuser wrote. Nobody verifies them here. One person left long ago.
    private async Task AddAsync(int count, int tenants = 300)
    {
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database),
            $"""
        INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso)
        SELECT '20' || lpad(i::text, 9, '0'),
               CASE WHEN i % 3 = 0 THEN 'Botica ' ELSE 'Clínica ' END || i || ' S.A.C.', 'c-' || i, 'a@c.pe'
        FROM generate_series(1, {tenants}) i;
        INSERT INTO portal.audit_events (
            seq, at, actor_id, actor_name, action, tenant_id, body, previous_hash, hash, signature_meaning)
        SELECT 100 + i, now(),
               ('00000000-0000-0000-0000-0000000000' || CASE WHEN i <= 50 THEN 77 ELSE 78 END)::uuid,
               'Persona Número ' || i % 40,
               CASE WHEN i % 997 = 5 THEN 'rare.thing' WHEN i % 2 = 0 THEN 'tenant.created' ELSE 'staff.signed_in' END,
               (SELECT min(id) FROM clientes_saas) + i % {tenants}, 'x', '', '', CASE WHEN i % 100 = 1 THEN 'x' END
        FROM generate_series(1, {count}) i;
        ANALYZE clientes_saas; ANALYZE portal.tenant_search
        """, Cancellation);
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database), "VACUUM ANALYZE portal.audit_events", Cancellation);
    }
}
