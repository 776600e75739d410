using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>Turning the pages of a list that stays as it is: by place, from both ends, and by number.</summary>
public sealed class TenantPagingTests(PostgresServer server, TenantPagingTests.Some some)
    : CoreTestBase(server), IClassFixture<TenantPagingTests.Some>
{
    private readonly ReadStatements _statements = new();

    protected override CoreHost? Shared => some.Host;

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

        Assert.Equal(Some.Count, byNumber.Distinct().Count());
        Assert.Equal(byNumber, forward);
        Assert.Equal(byNumber, backward);
    }

    private async Task<TenantPage> SearchAsync(TenantQuery query) =>
        await Search.SearchAsync(Host.Admin, query, Cancellation);

    public sealed class Some(PostgresServer server) : SharedCoreHost(server)
    {
        public const int Count = 43;

        protected override Task FillAsync() => ExecuteAsync(ManyTenants.Of(Count));
    }
}
