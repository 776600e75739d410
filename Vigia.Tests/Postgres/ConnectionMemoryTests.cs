using System.Collections;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.DemoData;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.SchemaUpgrades;

namespace Vigia.Tests.Postgres;

/// <summary>
/// Checks that operations leave nothing in the memory of the process. A connection that is created from a string would
/// remain until the process ends, together with its password.
/// </summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class ConnectionMemoryTests(PostgresServer server) : CoreTestBase(server)
{
    private const int First = 20;
    private const long Allowed = 10 * 1024 * 1024;

    private static int Rounds => Environment.GetEnvironmentVariable("VIGIA_FAULT_ROUNDS") is null ? 60 : 300;

    protected override void Configure(IServiceCollection services)
    {
        NextBuild.Use(services);
        services.Configure<IsolationOptions>(o => o.KeepReplacedRoleFor = TimeSpan.Zero);
    }

    [Fact]
    public async Task ProvisioningsAndProofs_ManyInARow_DoNotLeakMemory()
    {
        var tenants = new List<int>();
        await RunAsync(First, tenants);
        var before = Held();
        var registered = RegisteredStrings();

        await RunAsync(Rounds - First, tenants);

        var after = Held();
        Assert.Equal(registered, RegisteredStrings());
        Assert.True(after - before <= Allowed,
            $"{(after - before) / 1024.0 / 1024:0.0} MB more after {Rounds - First} provisionings and proofs");
    }

    [Fact]
    public async Task Connections_OfEveryKind_RegisterNoConnectionString()
    {
        await ReadyAsync(NewName("primera"));
        var registered = await ShowThatOneIsSeenAsync();

        var tenant = await ReadyAsync(NewName("segunda"), "demo");
        await SucceedsAsync(Host.Get<CredentialService>().RotateAsync(Host.Admin, tenant.Id, "prueba", Cancellation));
        Assert.Equal(registered, RegisteredStrings());

        await OldSchema.MakeAsync(Host, tenant, Cancellation);
        registered = RegisteredStrings();
        await SucceedsAsync(Host.Get<SchemaUpgradeService>().StartOneAsync(Host.Admin, tenant.Id, Cancellation));
        await SucceedsAsync(Host.Get<DemoDataService>().FillAsync(Host.Admin, tenant.Id, Cancellation));
        await SucceedsAsync(Host.Get<TenantDeletion>().DeleteAsync(
            Host.Admin, tenant.Id, new DeletionRequest(tenant.Subdomain!, "prueba", CoreHost.AdminPassword, 0),
            Cancellation));

        Assert.Equal(registered, RegisteredStrings());
    }

    // Shows that the test can detect a connection string: a connection that is created from its own string, which all
    // other code must not do, adds one.
    private async Task<int> ShowThatOneIsSeenAsync()
    {
        var before = RegisteredStrings();
        var settings = new NpgsqlConnectionStringBuilder(
            Host.Master.ConnectionString)
        { ApplicationName = NewName("cadena") };
#pragma warning disable RS0030 // See above.
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
#pragma warning restore RS0030
        await connection.OpenAsync(Cancellation);
        Assert.Equal(before + 1, RegisteredStrings());
        return before + 1;
    }

    private async Task RunAsync(int count, List<int> tenants)
    {
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancellation }, async (_, _) =>
        {
            var tenant = await ReadyAsync(NewName("memoria"));
            await SucceedsAsync(Host.Get<IsolationService>().ProveAsync(Host.Admin, tenant.Id, Cancellation));
            lock (tenants)
            {
                tenants.Add(tenant.Id);
            }
        });
    }

    private async Task SucceedsAsync(Task<Guid> request)
    {
        var operation = await Host.EndOfAsync(await request);
        Assert.True(operation.State == OperationState.Succeeded,
            $"{operation.Kind} {operation.State}: {operation.Error}");
    }

    private static long Held()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    // Npgsql does not publish the number of strings that it keeps.
    private static int RegisteredStrings()
    {
        var pools = typeof(NpgsqlConnection).Assembly.GetType("Npgsql.PoolManager", throwOnError: true)!
            .GetProperty("Pools", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
        return ((ICollection)pools).Count;
    }
}
