using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Lifecycle.Deletion;
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
            Assert.InRange(ReadStatements.MostRemoved(read), 0, ListTotal.Most + 1);
        }
    }

    /// <summary>Few tenants have each of these, and they are found without passing over all others.</summary>
    [Theory]
    [InlineData(TenantStatus.Expired, null, null)]
    [InlineData(TenantStatus.Suspended, null, null)]
    [InlineData(TenantStatus.Withdrawn, null, null)]
    [InlineData(TenantStatus.Registered, null, null)]
    [InlineData(TenantStatus.Failed, null, null)]
    [InlineData(TenantStatus.DatabaseMissing, null, null)]
    [InlineData(null, false, null)]
    [InlineData(null, true, null)]
    [InlineData(null, true, null, "unmanaged")]
    [InlineData(null, null, "demo")]
    public async Task Search_OfAFilterThatFewPass_ReadsOnlyAFewRows(
        TenantStatus? status, bool? managed, string? environment, string others = "ready")
    {
        await AddAsync(30_000);
        await ExecuteAsync(
            $"""
            UPDATE clientes_saas SET state = '{others}';
            UPDATE clientes_saas SET expires_at = now() - interval '1 day' WHERE id % 997 = 1;
            UPDATE clientes_saas SET expires_at = now() + interval '1 year' WHERE id % 3 = 1 AND id % 997 <> 1;
            UPDATE clientes_saas SET is_active = false, inactive_kind = 'expired' WHERE id % 997 = 2;
            UPDATE clientes_saas SET is_active = false, inactive_kind = 'suspended' WHERE id % 997 = 3;
            UPDATE clientes_saas SET is_active = false, inactive_kind = 'withdrawn' WHERE id % 997 = 4;
            UPDATE clientes_saas SET state = 'registered', is_active = false WHERE id % 997 = 5;
            UPDATE clientes_saas SET state = 'failed' WHERE id % 997 = 6;
            UPDATE clientes_saas SET state = CASE '{others}' WHEN 'ready' THEN 'unmanaged' ELSE 'ready' END
                WHERE id % 997 = 7;
            UPDATE clientes_saas SET entorno = CASE id % 997 WHEN 8 THEN 'demo' ELSE 'produccion' END
            """);
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database), "VACUUM ANALYZE clientes_saas", Cancellation);
        foreach (var descending in new[] { false, true })
        {
            await SearchAsync(new TenantQuery
            {
                Status = status, IsManaged = managed, Environment = environment, Descending = descending,
            });
        }

        foreach (var read in await _statements.ExplainAsync(Host.Master, Cancellation, analyze: true))
        {
            Assert.True(ReadStatements.MostRows(read) <= ListTotal.Most + 1, read);
            Assert.True(ReadStatements.MostRemoved(read) <= 1_000, read);
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

    [Fact]
    public async Task Trash_TurnedPageByPage_HasTheSameRowsFromBothEnds()
    {
        await TrashAsync(143);
        var page = await TrashPageAsync(1);
        var forward = page.Items.Select(t => t.Id).ToList();
        while (page.HasNext)
        {
            page = await TrashPageAsync(page.Page + 1, new(page.Items[^1].Id, Before: false));
            forward.AddRange(page.Items.Select(t => t.Id));
        }

        page = await TrashPageAsync(-1);
        var backward = page.Items.Select(t => t.Id).ToList();
        while (page.HasPrevious)
        {
            page = await TrashPageAsync(page.Page - 1, new(page.Items[0].Id, Before: true));
            backward.InsertRange(0, page.Items.Select(t => t.Id));
        }

        Assert.Equal(143, forward.Distinct().Count());
        Assert.Equal(forward, backward);
        Assert.Equal((143, true), (page.Total, page.TotalIsExact));
    }

    [Fact]
    public async Task Trash_OfVeryMany_IsReadByItsIndexAndCountedToALimit()
    {
        await TrashAsync(15_000);

        var last = await TrashPageAsync(-1);
        await TrashPageAsync(-2, new(last.Items[0].Id, Before: true));
        await Trash.SearchAsync(Host.Admin, null, 1, 20, Cancellation);

        Assert.Equal((ListTotal.Most, false), (last.Total, last.TotalIsExact));
        foreach (var read in await _statements.ExplainAsync(Host.Master, Cancellation, analyze: true))
        {
            Assert.InRange(ReadStatements.MostRows(read), 0, ListTotal.Most + 1);
            Assert.DoesNotContain("Sort", read, StringComparison.Ordinal);
        }
    }

    private TrashService Trash => ActivatorUtilities.CreateInstance<TrashService>(
        Host.Services.CreateScope().ServiceProvider, _statements.Factory(Host));

    private Task<TrashPage> TrashPageAsync(int page, ListPlace<int>? place = null) =>
        Trash.ListAsync(Host.Admin, page, 20, place, Cancellation);

    // Several of one moment.
    private async Task TrashAsync(int count)
    {
        await ExecuteAsync(
            $"""
            INSERT INTO portal.tenant_trash (
                id, ruc, legal_name, subdomain, was_active, row, server_id, deleted_by_name, reason, deleted_at,
                purge_after, delete_operation_id)
            SELECT i, '20' || lpad(i::text, 9, '0'), 'Nube ' || i, 'nube-' || i, true, '{"{}"}', 1, 'Ana', 'fin',
                date_trunc('day', now()) - (i % 7) * interval '1 day',
                date_trunc('day', now()) + (i % 9) * interval '1 day', gen_random_uuid()
            FROM generate_series(1, {count}) i
            """);
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database), "VACUUM ANALYZE portal.tenant_trash", Cancellation);
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
