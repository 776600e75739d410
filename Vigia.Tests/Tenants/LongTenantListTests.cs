using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>The pages of a list of very many tenants.</summary>
public sealed class LongTenantListTests(PostgresServer server, LongTenantListTests.Many many)
    : CoreTestBase(server), IClassFixture<LongTenantListTests.Many>
{
    private readonly ReadStatements _statements = new();

    protected override CoreHost? Shared => many.Host;

    private TenantSearch Search =>
        new(_statements.Factory(Host), new TenantUrls("vigia.test"), TimeProvider.System);

    [Theory]
    [InlineData(TenantOrder.LegalName, null)]
    [InlineData(TenantOrder.CreatedAt, null)]
    [InlineData(TenantOrder.Plan, null)]
    [InlineData(TenantOrder.State, null)]
    [InlineData(TenantOrder.LegalName, "medio")]
    public async Task Search_DeepInsideALongList_ReadsOnlyAFewRows(TenantOrder order, string? plan)
    {
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

    [Fact]
    public async Task Search_LastPageOverTheCountLimit_IsReadFromTheEnd()
    {
        var last = await SearchAsync(new TenantQuery { Page = -1 });
        var before = await SearchAsync(new TenantQuery { Page = -2, Place = new(last.Items[0].Id, Before: true) });
        var again = await SearchAsync(new TenantQuery { Page = -1, Place = new(before.Items[^1].Id, Before: false) });

        Assert.Equal((-1, 20, true, false), (last.Page, last.Items.Count, last.HasPrevious, last.HasNext));
        Assert.Equal((-2, 20, true, true), (before.Page, before.Items.Count, before.HasPrevious, before.HasNext));
        Assert.Equal(last.Items.Select(t => t.Id), again.Items.Select(t => t.Id));
    }

    private async Task<TenantPage> SearchAsync(TenantQuery query) =>
        await Search.SearchAsync(Host.Admin, query, Cancellation);

    public sealed class Many(PostgresServer server) : SharedCoreHost(server)
    {
        protected override Task FillAsync() => ExecuteAsync(ManyTenants.Of(12_000));
    }
}
