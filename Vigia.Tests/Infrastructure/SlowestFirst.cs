using Vigia.Tests.Browser;
using Vigia.Tests.Examples;
using Vigia.Tests.Faults;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.SchemaUpgrades;
using Vigia.Tests.Postgres;
using Vigia.Tests.Startup;
using Vigia.Tests.TenantSchema;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(SlowestFirst))]

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// Starts the slowest classes first, so that no core waits for one of them at the end. All others keep their order.
/// <c>script/test</c> prints the classes that took the most time.
/// </summary>
public sealed class SlowestFirst : ITestCollectionOrderer
{
    private static readonly string[] Slowest =
    [
        .. new[]
        {
            typeof(KillTests), typeof(PagesTests), typeof(TeamPageTests), typeof(PairTests), typeof(WorkedExampleTests),
            typeof(EmbeddedStartTests), typeof(LimitTests), typeof(PageRightsTests), typeof(MigrateTenantsTests),
            typeof(StartTests), typeof(PrivateClusterTests), typeof(KillManyTests), typeof(LockTests), typeof(LogTests),
        }.Select(type => $" {type.FullName} "),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Place(collection.TestCollectionDisplayName))];

    private static int Place(string name) =>
        Array.FindIndex(Slowest, slow => $"{name} ".Contains(slow, StringComparison.Ordinal)) is >= 0 and var place
            ? place : Slowest.Length;
}
