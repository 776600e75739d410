using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>Turning the pages of a list of tenants that changes meanwhile, and those of the trash.</summary>
public sealed class ChangingListTests(PostgresServer server) : CoreTestBase(server)
{
    private readonly ReadStatements _statements = new();

    protected override bool Workers => false;

    private TenantSearch Search =>
        new(_statements.Factory(Host), new TenantUrls("vigia.test"), TimeProvider.System);

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

    private async Task AddAsync(int count)
    {
        foreach (var sql in ManyTenants.Of(count))
        {
            await ExecuteAsync(sql);
        }
    }

    private Task ExecuteAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), sql, Cancellation);
}
