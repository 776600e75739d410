using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>Turning the pages of a trail, with the filters that stand for several values.</summary>
public sealed class AuditPagingTests(PostgresServer server, AuditPagingTests.Some some)
    : CoreTestBase(server), IClassFixture<AuditPagingTests.Some>
{
    private readonly ReadStatements _statements = new();

    protected override CoreHost? Shared => some.Host;

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

    private Task<AuditPage> ListAsync(AuditFilter filter, int page, ListPlace<long>? place = null) =>
        Reader.ListAsync(Host.Admin, filter, page, 20, Cancellation, place);

    public sealed class Some(PostgresServer server) : SharedCoreHost(server)
    {
        protected override Task FillAsync() => ExecuteAsync(ManyRecords.Of(1_000));
    }
}
