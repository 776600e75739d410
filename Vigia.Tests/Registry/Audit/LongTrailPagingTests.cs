using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>The pages of a very long trail.</summary>
public sealed class LongTrailPagingTests(PostgresServer server, LongTrailPagingTests.Many many)
    : CoreTestBase(server), IClassFixture<LongTrailPagingTests.Many>
{
    private readonly ReadStatements _statements = new();

    protected override CoreHost? Shared => many.Host;

    private AuditReader Reader => new(_statements.Factory(Host), Host.Get<AuditTrail>(), Host.Get<OneAtATime>());

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

    private Task<AuditPage> ListAsync(AuditFilter filter, int page, ListPlace<long>? place = null) =>
        Reader.ListAsync(Host.Admin, filter, page, 20, Cancellation, place);

    public sealed class Many(PostgresServer server) : SharedCoreHost(server)
    {
        protected override Task FillAsync() => ExecuteAsync(ManyRecords.Of(60_000));
    }
}
