using Vigia.Tests.Browser;
using Vigia.Tests.Browser.Access;
using Vigia.Tests.Browser.Sessions;
using Vigia.Tests.Browser.Team;
using Vigia.Tests.Examples;
using Vigia.Tests.Faults;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.SchemaUpgrades;
using Vigia.Tests.Operations;
using Vigia.Tests.Postgres;
using Vigia.Tests.Registry.Mail;
using Vigia.Tests.Startup;
using Vigia.Tests.TenantSchema;
using Vigia.Tests.Tenants;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(SlowestFirst))]

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// Spreads the slow classes that mostly wait (for processes that start, and for leases that end) over the run, so that
/// beside each of them others use the processor. Then come the slowest of the others, so that no core waits for one of
/// them at the end. <c>script/test</c> prints the classes that took the most time.
/// </summary>
public sealed class SlowestFirst : ITestCollectionOrderer
{
    // Twelve of the other classes take about as long as one of these, on the cores that it leaves free.
    private const int OthersBesideOne = 12;

    private static readonly string[] Waiting = Names(
        typeof(KillTests), typeof(PairTests), typeof(WorkedExampleTests), typeof(EmbeddedStartTests),
        typeof(MigrateTenantsTests), typeof(StartTests), typeof(MasterStatesTests), typeof(OutboxTests),
        typeof(KillManyTests), typeof(PrivateClusterTests), typeof(CrashTests), typeof(KillAnyTests));

    private static readonly string[] Slowest = Names(
        typeof(PagesTests), typeof(TeamPageTests), typeof(LimitTests), typeof(PageRightsTests), typeof(SearchTests),
        typeof(LockTests), typeof(LogTests));

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection
    {
        var waiting = testCollections.Where(c => Place(c, Waiting) < Waiting.Length).OrderBy(c => Place(c, Waiting));
        var others = testCollections.Except(waiting).OrderBy(c => Place(c, Slowest)).Chunk(OthersBesideOne).ToList();
        return
        [
            .. waiting.Zip(others, (one, beside) => beside.Prepend(one)).SelectMany(some => some),
            .. others.Skip(waiting.Count()).SelectMany(some => some), .. waiting.Skip(others.Count),
        ];
    }

    private static string[] Names(params Type[] types) => [.. types.Select(type => $" {type.FullName} ")];

    private static int Place<TTestCollection>(TTestCollection collection, string[] names)
        where TTestCollection : ITestCollection =>
        Array.FindIndex(
            names, name => $"{collection.TestCollectionDisplayName} ".Contains(name, StringComparison.Ordinal))
            is >= 0 and var place ? place : names.Length;
}
