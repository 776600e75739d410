using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Tenancy;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenancy;

/// <summary>The memory that stays in use after tenants were used once.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class TenantSessionMemoryTests(PostgresServer server) : TenantSessionTestBase(server)
{
    private const int Tenants = 8;
    private const int Turns = 10;

    // A data source takes about 60 KB. Every round uses eighty of them: a tenth of them would be noticed.
    private const long Most = 500_000;

    // Every round opens eighty sockets. Other parts of the host open and close a few.
    private const int MostFiles = 8;

    protected override void Configure(IServiceCollection services) => services.Configure<TenancyOptions>(o =>
    {
        o.ConnectionsPerServer = 4;
        o.CloseIdleAfter = TimeSpan.FromSeconds(1);
    });

    [Fact]
    public async Task Open_ManyTenantsOnceEach_LeavesNoMemoryAndNoSocket()
    {
        var entries = new List<TenantEntry>();
        foreach (var number in Enumerable.Range(0, Tenants))
        {
            entries.Add((await WithCanaryAsync($"una-vez-{number}")).Entry);
        }

        var (after, files) = (new List<long>(), new List<int>());
        for (var round = 0; round < 3; round++)
        {
            for (var turn = 0; turn < Turns; turn++)
            {
                foreach (var entry in entries)
                {
                    await ReadAsync<string>(entry, "SELECT name FROM canary");
                }
            }

            await Eventually.HoldsAsync("nothing is open", async () =>
                Gate.Count == 0 && Host.Get<TenantDataSources>().Pools == 0
                && await ConnectionsAsync(Host) == 0, Cancellation);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            after.Add(GC.GetTotalMemory(forceFullCollection: true));
            files.Add(Directory.GetFileSystemEntries("/proc/self/fd").Length);
        }

        Assert.True(after[2] - after[0] < Most, string.Join(", ", after));
        Assert.True(files[2] - files[0] < MostFiles, string.Join(", ", files));
    }
}
