using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>The lists and counts of operations: what they contain, and what they read for it.</summary>
public sealed class OperationListTests(PostgresServer server) : CoreTestBase(server)
{
    private static readonly Guid Fleet = Guid.Parse("00000000-0000-0000-0001-000000000001");
    private readonly ReadStatements _statements = new();

    protected override bool Workers => false;

    private OperationService Operations =>
        new(_statements.Factory(Host), Host.Get<OperationCatalog>(), Host.Get<AuditTrail>());

    // A column that the list forgets would show its default.
    [Fact]
    public async Task List_HasEveryColumnButTheData()
    {
        await OperationRows.AddAsync(Host, 3, "(ARRAY['failed', 'succeeded', 'waiting'])[i]", "NULL");
        await ExecuteAsync("""
            UPDATE portal.operations SET data = '{"a": 1}', progress = 7, crashes = 2, attempt = 3, epoch = 4,
                worker = 'w', trace_id = 't', parent_span_id = 'p', item_count = 5, started_at = created_at,
                finished_at = created_at, not_before = created_at, lease_until = created_at
            """);
        List<Operation> stored;
        await using (var db = await Host.OpenMasterAsync())
        {
            stored = await db.Set<Operation>().AsNoTracking().Include(o => o.Steps.OrderBy(s => s.Ordinal))
                .OrderBy(o => o.Id).ToListAsync(Cancellation);
        }

        var listed = (await ListAsync(new OperationQuery { PageSize = 50 })).Items.OrderBy(o => o.Id).ToList();

        Assert.All(listed, o => Assert.Equal("{}", o.Data));
        stored.ForEach(o => o.Data = "{}");
        Assert.Equal(
            stored.Select(o => JsonSerializer.Serialize(o)), listed.Select(o => JsonSerializer.Serialize(o)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_TurnedPageByPage_HasTheSameRowsAsByNumber(bool unfinished)
    {
        // Several operations of one moment, in several states.
        await OperationRows.AddAsync(
            Host, 47, "(ARRAY['queued', 'running', 'succeeded', 'waiting'])[1 + i % 4]", "NULL");
        await ExecuteAsync("UPDATE portal.operations SET created_at = date_trunc('minute', created_at)");
        var query = new OperationQuery { PageSize = 5, States = unfinished ? OperationStates.Unfinished : null };
        var byNumber = new List<Guid>();
        OperationPage page;
        for (var number = 1; (page = await ListAsync(query with { Page = number })).Items.Count > 0; number++)
        {
            byNumber.AddRange(page.Items.Select(o => o.Id));
        }

        var forward = new List<Guid>();
        page = await ListAsync(query);
        forward.AddRange(page.Items.Select(o => o.Id));
        while (page.HasNext)
        {
            page = await ListAsync(query with { Page = page.Page + 1, Place = new(page.Items[^1].Id, Before: false) });
            forward.AddRange(page.Items.Select(o => o.Id));
        }

        var backward = new List<Guid>();
        page = await ListAsync(query with { Page = -1 });
        backward.InsertRange(0, page.Items.Select(o => o.Id));
        while (page.HasPrevious)
        {
            page = await ListAsync(query with { Page = page.Page - 1, Place = new(page.Items[0].Id, Before: true) });
            backward.InsertRange(0, page.Items.Select(o => o.Id));
        }

        Assert.Equal(unfinished ? 35 : 47, byNumber.Count);
        Assert.Equal(byNumber, forward);
        Assert.Equal(byNumber, backward);
        Assert.Equal(1, page.Page);
    }

    [Fact]
    public async Task List_WithNames_HasTheLegalName_AlsoOfADestroyedTenant()
    {
        var living = await RegisterAsync("viva", details: d => d with { LegalName = "Botica Viva S.A.C." });
        await OperationRows.AddAsync(Host, 3, "'succeeded'", $"CASE i WHEN 1 THEN {living} ELSE 900000 + i END");
        await using (var db = await Host.OpenMasterAsync())
        {
            await Host.Get<AuditTrail>().CommitAsync(db, Host.Admin, new AuditEntry("tenant.purged")
            {
                TenantId = 900_002, Subdomain = "ida",
                Before = new Dictionary<string, object?> { ["razon_social"] = "Botica Ida S.A.C." },
            }, Cancellation);
        }

        var page = await ListAsync(new OperationQuery { WithNames = true });

        Assert.Equal(
            ["Botica Viva S.A.C.", "Botica Ida S.A.C.", "#900003"], page.Items.Select(o => o.TenantName));
        Assert.All((await ListAsync(new OperationQuery())).Items, o => Assert.Null(o.TenantName));
    }

    [Fact]
    public async Task List_OfATenantWithFleetOperations_ReadsOnlyItsOwn()
    {
        await OperationRows.AddAsync(Host, 60_000, "'succeeded'", "1 + i % 20000");
        await ExecuteAsync(
            $"""
            INSERT INTO portal.operations (
                id, kind, state, server_id, requested_by, requested_by_name, data, priority, attempt, crashes, epoch,
                created_at, progress)
            VALUES ('{Fleet}', 'toggle_tenants', 'succeeded', 1, gen_random_uuid(), 'Ana', '{"{}"}', 10, 0, 0, 0,
                now(), 100);
            INSERT INTO portal.operation_items (operation_id, tenant_id, state)
            SELECT '{Fleet}', i, CASE WHEN i % 2 = 0 THEN 'done' ELSE 'skipped' END FROM generate_series(1, 20000) i;
            ANALYZE portal.operation_items
            """);

        var page = await ListAsync(new OperationQuery { TenantId = 78, WithMany = true, PageSize = 50 });

        Assert.Equal((4, true, Fleet), (page.Total, page.TotalIsExact, page.Items[0].Id));
        Assert.Equal(3, (await ListAsync(new OperationQuery { TenantId = 77, WithMany = true })).Total);
        await AssertReadsFewAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(OperationItemState.Done)]
    public async Task ListItems_DeepInsideMany_ReadsByTheIndexAndCountsToALimit(OperationItemState? state)
    {
        await AddItemsAsync(30_000);

        var last = await ItemsAsync(state, -1);
        var before = await ItemsAsync(state, -2, new(OperationItemPlace.Of(last.Items[0]), Before: true));
        var first = await ItemsAsync(state, 1);

        Assert.Equal((ListTotal.Most, false), (last.Total, last.TotalIsExact));
        Assert.Equal((20, true, true), (before.Items.Count, before.HasPrevious, before.HasNext));
        Assert.Equal(ListTotal.Most + 1, first.Counts[OperationItemState.Done]);
        Assert.Equal(300, first.Counts[OperationItemState.Failed]);
        Assert.Equal(state is null ? OperationItemState.Failed : state, first.Items[0].State);
        foreach (var plan in await _statements.ExplainAsync(Host.Master, Cancellation, analyze: true))
        {
            Assert.DoesNotContain("Sort", plan, StringComparison.Ordinal);
        }

        await AssertReadsFewAsync();
    }

    [Theory]
    [InlineData(null, 143)]
    [InlineData(OperationItemState.Done, 140)]
    public async Task ListItems_TurnedPageByPage_HaveTheSameOrderFromBothEnds(OperationItemState? state, int count)
    {
        // Equal names, and missing ones.
        await AddItemsAsync(143);
        await ExecuteAsync(
            "UPDATE portal.operation_items SET name = CASE WHEN tenant_id % 5 > 0 THEN left(name, 1) END");
        var page = await ItemsAsync(state, 1);
        var forward = page.Items.Select(i => i.TenantId).ToList();
        while (page.HasNext)
        {
            page = await ItemsAsync(state, page.Page + 1, new(OperationItemPlace.Of(page.Items[^1]), Before: false));
            forward.AddRange(page.Items.Select(i => i.TenantId));
        }

        page = await ItemsAsync(state, -1);
        var backward = page.Items.Select(i => i.TenantId).ToList();
        while (page.HasPrevious)
        {
            page = await ItemsAsync(state, page.Page - 1, new(OperationItemPlace.Of(page.Items[0]), Before: true));
            backward.InsertRange(0, page.Items.Select(i => i.TenantId));
        }

        Assert.Equal(count, forward.Distinct().Count());
        Assert.Equal(forward, backward);
        Assert.Equal((count, true), (page.Total, page.TotalIsExact));
    }

    /// <summary>A tenant that fails goes to the front. The page that began beside it stays where it is.</summary>
    [Fact]
    public async Task ListItems_TheTenantOfThePlaceFailed_KeepThePage()
    {
        await AddItemsAsync(100);
        var first = await ItemsAsync(null, 1);
        var place = new ListPlace<OperationItemPlace>(OperationItemPlace.Of(first.Items[^1]), Before: false);
        var second = await ItemsAsync(null, 2, place);
        await ExecuteAsync(
            $"UPDATE portal.operation_items SET state = 'failed' WHERE tenant_id = {first.Items[^1].TenantId}");

        var again = await ItemsAsync(null, 2, place);

        Assert.Equal(second.Items.Select(i => i.TenantId), again.Items.Select(i => i.TenantId));
    }

    private Task<OperationItemPage> ItemsAsync(
        OperationItemState? state, int page, ListPlace<OperationItemPlace>? place = null) =>
        Host.Get<OperationResults>().ListAsync(Host.Admin, Fleet, state, page, 20, Cancellation, place);

    // One in a hundred failed, and as many were skipped.
    private Task AddItemsAsync(int count) => ExecuteAsync(
        $"""
        INSERT INTO portal.operations (
            id, kind, state, server_id, requested_by_name, data, priority, attempt, crashes, epoch, created_at,
            progress)
        VALUES ('{Fleet}', 'toggle_tenants', 'succeeded', 1, 'Ana', '{"{}"}', 10, 0, 0, 0, now(), 100);
        INSERT INTO portal.operation_items (operation_id, tenant_id, name, state)
        SELECT '{Fleet}', i, md5(i::text), CASE i % 100 WHEN 0 THEN 'failed' WHEN 1 THEN 'skipped' ELSE 'done' END
        FROM generate_series(1, {count}) i;
        ANALYZE portal.operation_items
        """);

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(null, null, false)]
    [InlineData("prune_history", null, false)]
    [InlineData(null, OperationState.Failed, false)]
    [InlineData("apply_limits", OperationState.Failed, false)]
    public async Task List_ManyOperationsFiltered_ReadsOnlyTheShownOnes(string? kind, OperationState? state, bool hide)
    {
        await OperationRows.AddAsync(
            Host, 60_000, "CASE WHEN i % 300 = 7 THEN 'failed' ELSE 'succeeded' END", "NULL",
            "CASE WHEN i % 10 = 7 THEN 'apply_limits' ELSE 'prune_history' END");
        var query = new OperationQuery
        {
            Kind = kind is null ? null : new OperationKind(kind), States = state is { } only ? [only] : null,
            HideRoutine = hide, PageSize = 10,
        };
        var first = await ListAsync(query);
        var next = await ListAsync(query with { Page = 2, Place = new(first.Items[^1].Id, Before: false) });

        Assert.Equal(state is null ? (ListTotal.Most, false) : (200, true), (first.Total, first.TotalIsExact));
        Assert.Equal((10, 2), (next.Items.Count, next.Page));
        await AssertReadsFewAsync();
    }

    [Fact]
    public async Task Count_ManyOperations_StopsEarlyAndReadsNoTable()
    {
        await OperationRows.AddAsync(
            Host, 60_000,
            "CASE WHEN i % 3 = 0 THEN 'queued' WHEN i % 5000 = 1 THEN 'running' ELSE 'succeeded' END", "NULL");

        var counts = await Operations.CountAsync(Host.Admin, DateTimeOffset.UtcNow, Cancellation);

        Assert.Equal(ListTotal.Most + 1, counts[OperationState.Queued]);
        Assert.Equal(8, counts[OperationState.Running]);
        Assert.Equal(2, counts.Count);
        Assert.Equal(1, _statements.Count);
        await AssertReadsFewAsync();
    }

    [Fact]
    public async Task Count_PausedOperation_CountsAsRunning()
    {
        await OperationRows.AddAsync(Host, 3, "'queued'", "NULL");
        await ExecuteAsync("UPDATE portal.operations SET not_before = now() "
            + "WHERE id = (SELECT min(id::text)::uuid FROM portal.operations)");

        var counts = await Operations.CountAsync(Host.Admin, DateTimeOffset.UtcNow, Cancellation);

        Assert.Equal((2, 1), (counts[OperationState.Queued], counts[OperationState.Running]));
        Assert.Equal(1, (await ListAsync(new OperationQuery { States = [OperationState.Running] })).Total);
    }

    private Task<OperationPage> ListAsync(OperationQuery query) =>
        Operations.ListAsync(Host.Admin, query, Cancellation);

    private Task ExecuteAsync(string sql) => PostgresServer.ExecuteAsync(
        Server.SuperuserUrl(Host.Master.Database), "SET session_replication_role = replica; " + sql, Cancellation);

    // A count stops one row after the largest number that it counts.
    private async Task AssertReadsFewAsync()
    {
        foreach (var plan in await _statements.ExplainAsync(Host.Master, Cancellation, analyze: true))
        {
            Assert.InRange(ReadStatements.MostRows(plan), 0, ListTotal.Most + 1);
            Assert.True(ReadStatements.MostRemoved(plan) <= ListTotal.Most + 1, plan);
        }
    }
}
