using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>Turning the pages of the list of tenants: by place, from both ends, and by number.</summary>
public sealed class TenantPagingTests(PostgresServer server) : CoreTestBase(server)
{
    private readonly ReadStatements _statements = new();

    protected override bool Workers => false;

    private TenantSearch Search =>
        new(_statements.Factory(Host), new TenantUrls("vigia.test"), TimeProvider.System);

    public static TheoryData<TenantOrder, bool, string?> Orders
    {
        get
        {
            var orders = new TheoryData<TenantOrder, bool, string?>();
            foreach (var order in Enum.GetValues<TenantOrder>())
            {
                orders.Add(order, false, null);
                orders.Add(order, true, null);
            }

            orders.Add(TenantOrder.LegalName, false, "nube");
            orders.Add(TenantOrder.Plan, true, "nube");
            return orders;
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Search_TurnedPageByPage_HasTheSameRowsAsByNumber(TenantOrder order, bool descending, string? q)
    {
        await AddAsync(43);
        var query = new TenantQuery { Q = q, OrderBy = order, Descending = descending, PageSize = 4 };
        var byNumber = new List<int>();
        TenantPage page;
        for (var number = 1; (page = await SearchAsync(query with { Page = number })).Items.Count > 0; number++)
        {
            byNumber.AddRange(page.Items.Select(t => t.Id));
        }

        page = await SearchAsync(query);
        var forward = page.Items.Select(t => t.Id).ToList();
        while (page.HasNext)
        {
            page = await SearchAsync(
                query with { Page = page.Page + 1, Place = new(page.Items[^1].Id, Before: false) });
            forward.AddRange(page.Items.Select(t => t.Id));
        }

        var last = page;
        page = await SearchAsync(query with { Page = -1 });
        var backward = page.Items.Select(t => t.Id).ToList();
        Assert.Equal((last.Page, last.Items.Count), (page.Page, page.Items.Count));
        while (page.HasPrevious)
        {
            page = await SearchAsync(query with { Page = page.Page - 1, Place = new(page.Items[0].Id, Before: true) });
            backward.InsertRange(0, page.Items.Select(t => t.Id));
        }

        Assert.Equal(43, byNumber.Distinct().Count());
        Assert.Equal(byNumber, forward);
        Assert.Equal(byNumber, backward);
    }

    [Fact]
    public async Task Search_RowsRemovedMeanwhile_ShowsAFullFirstPage()
    {
        await AddAsync(10);
        var query = new TenantQuery { PageSize = 4 };
        var first = await SearchAsync(query);
        var second = await SearchAsync(query with { Page = 2, Place = new(first.Items[^1].Id, Before: false) });
        await ExecuteAsync($"DELETE FROM clientes_saas WHERE id = {first.Items[1].Id}");

        var back = await SearchAsync(query with { Page = 1, Place = new(second.Items[0].Id, Before: true) });

        Assert.Equal((1, 4, false), (back.Page, back.Items.Count, back.HasPrevious));
        Assert.Equal(first.Items[0].Id, back.Items[0].Id);
    }

    [Fact]
    public async Task Search_RowOfThePlaceRemoved_FindsThePageByItsNumber()
    {
        await AddAsync(10);

        var page = await SearchAsync(new TenantQuery { PageSize = 4, Page = 2, Place = new(-7, Before: false) });

        Assert.Equal((2, 4), (page.Page, page.Items.Count));
    }

    [Theory]
    [InlineData(TenantOrder.LegalName, null)]
    [InlineData(TenantOrder.CreatedAt, null)]
    [InlineData(TenantOrder.Plan, null)]
    [InlineData(TenantOrder.State, null)]
    [InlineData(TenantOrder.LegalName, "medio")]
    public async Task Search_DeepInsideALongList_ReadsOnlyAFewRows(TenantOrder order, string? plan)
    {
        await AddAsync(12_000);
        var query = new TenantQuery { OrderBy = order, Plan = plan };
        var deep = await SearchAsync(query with { Page = -1 });
        deep = await SearchAsync(query with { Page = -2, Place = new(deep.Items[0].Id, Before: true) });

        Assert.Equal(20, deep.Items.Count);
        foreach (var read in await _statements.ExplainAsync(Host.Master, Cancellation, analyze: true))
        {
            Assert.InRange(ReadStatements.MostRows(read), 0, ListTotal.Most + 1);
        }
    }

    [Fact]
    public async Task Search_OverTheCountLimit_SaysThatThereAreMore()
    {
        await AddAsync(ListTotal.Most + 1);

        var all = await SearchAsync(new TenantQuery());
        await ExecuteAsync("DELETE FROM clientes_saas WHERE id = (SELECT min(id) FROM clientes_saas)");
        var fewer = await SearchAsync(new TenantQuery());

        Assert.Equal((ListTotal.Most, false), (all.Total, all.TotalIsExact));
        Assert.Equal((ListTotal.Most, true), (fewer.Total, fewer.TotalIsExact));
        Assert.Equal(501, (await SearchAsync(new TenantQuery { Page = -1 })).Page + 1);
    }

    [Fact]
    public async Task Search_LastPageOverTheCountLimit_IsReadFromTheEnd()
    {
        await AddAsync(ListTotal.Most + 5);

        var last = await SearchAsync(new TenantQuery { Page = -1 });
        var before = await SearchAsync(new TenantQuery { Page = -2, Place = new(last.Items[0].Id, Before: true) });
        var again = await SearchAsync(new TenantQuery { Page = -1, Place = new(before.Items[^1].Id, Before: false) });

        Assert.Equal((-1, 20, true, false), (last.Page, last.Items.Count, last.HasPrevious, last.HasNext));
        Assert.Equal((-2, 20, true, true), (before.Page, before.Items.Count, before.HasPrevious, before.HasNext));
        Assert.Equal(last.Items.Select(t => t.Id), again.Items.Select(t => t.Id));
    }

    private async Task<TenantPage> SearchAsync(TenantQuery query) =>
        await Search.SearchAsync(Host.Admin, query, Cancellation);

    // Equal names, missing plans, every state, and words that all have, one in four has, or none.
    private async Task AddAsync(int count)
    {
        await ExecuteAsync(
            $"""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, plan, state, created_at)
            SELECT '20' || lpad(i::text, 9, '0'),
                   (ARRAY['Ñandú', 'Luz', 'álamo', 'Nube'])[1 + i % 4] || CASE WHEN i % 3 = 0 THEN ' ' || i ELSE '' END,
                   'nube-' || i, 'a@nube.pe', (ARRAY['basico', NULL, 'medio'])[1 + i % 3],
                   (ARRAY['ready', 'registered', 'failed', 'ready'])[1 + i % 4],
                   date_trunc('minute', now()) - (i % 7) * interval '1 day'
            FROM generate_series(1, {count}) i
            """);
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database), "VACUUM ANALYZE clientes_saas", Cancellation);
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database), "VACUUM ANALYZE portal.tenant_search", Cancellation);
    }

    private Task ExecuteAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), sql, Cancellation);
}
