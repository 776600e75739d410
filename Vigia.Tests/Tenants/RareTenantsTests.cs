using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>Lists of tenants by a filter that very few of many pass.</summary>
public sealed class RareTenantsTests(PostgresServer server, RareTenantsTests.Many many)
    : CoreTestBase(server), IClassFixture<RareTenantsTests.Many>
{
    private readonly ReadStatements _statements = new();

    protected override CoreHost? Shared => many.Host;

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
    [InlineData(null, null, "demo")]
    public async Task Search_OfAFilterThatFewPass_ReadsOnlyAFewRows(
        TenantStatus? status, bool? managed, string? environment)
    {
        await AssertReadsFewAsync(new TenantQuery { Status = status, IsManaged = managed, Environment = environment });
    }

    /// <summary>The same where nearly all tenants are the product's own.</summary>
    [Fact]
    public async Task Search_OfTheFewThatThePortalManages_ReadsOnlyAFewRows()
    {
        await using var host = await CoreHost.StartAsync(Server, workers: false);
        foreach (var sql in ManyTenants.WithFewOfEachKind("unmanaged"))
        {
            await PostgresServer.ExecuteAsync(Server.SuperuserUrl(host.Master.Database), sql, Cancellation);
        }

        await AssertReadsFewAsync(new TenantQuery { IsManaged = true }, host);
    }

    private async Task AssertReadsFewAsync(TenantQuery query, CoreHost? host = null)
    {
        host ??= Host;
        var search = new TenantSearch(_statements.Factory(host), new TenantUrls("vigia.test"), TimeProvider.System);
        foreach (var descending in new[] { false, true })
        {
            await search.SearchAsync(host.Admin, query with { Descending = descending }, Cancellation);
        }

        foreach (var read in await _statements.ExplainAsync(host.Master, Cancellation, analyze: true))
        {
            Assert.True(ReadStatements.MostRows(read) <= ListTotal.Most + 1, read);
            Assert.True(ReadStatements.MostRemoved(read) <= 1_000, read);
        }
    }

    public sealed class Many(PostgresServer server) : SharedCoreHost(server)
    {
        protected override Task FillAsync() => ExecuteAsync(ManyTenants.WithFewOfEachKind("ready"));
    }
}
