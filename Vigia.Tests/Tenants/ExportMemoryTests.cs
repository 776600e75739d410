using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>The registry as a CSV file of any length: it is never in memory as a whole.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class ExportMemoryTests(PostgresServer server) : CoreTestBase(server)
{
    private const int Many = 40_000;
    private const long MostGrowth = 8 * 1024 * 1024;

    protected override bool Workers => false;

    [Fact]
    public async Task Export_VeryManyTenants_UsesBoundedMemory()
    {
        await Host.AddManyAsync(Many);
        await using var counted = new CountedStream();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        counted.EachMegabyte = () => Math.Max(counted.Peak, GC.GetTotalMemory(forceFullCollection: true) - before);

        await Host.ExportAsync(new TenantQuery(), counted);

        Assert.Equal(Many + 1, counted.Lines);
        TestContext.Current.SendDiagnosticMessage(
            $"{Many:N0} tenants: {counted.Bytes / 1024 / 1024} MiB of CSV, "
            + $"at most {counted.Peak / 1024.0 / 1024:N1} MiB more on the heap");
        Assert.True(counted.Peak < MostGrowth, $"{counted.Peak:N0} bytes");
    }
}
