using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Tenancy;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenancy;

/// <summary>With the usual settings, a tenant that nobody uses costs nothing after a minute.</summary>
public sealed class IdleConnectionTests(PostgresServer server) : TenantSessionTestBase(server)
{
    // A minute, minus the time in which the test notices it.
    private static readonly TimeSpan AlmostAMinute = TimeSpan.FromSeconds(57);

    private readonly PassingTime _time = new();

    protected override void Configure(IServiceCollection services) => services.AddSingleton<TimeProvider>(_time);

    [Fact]
    public async Task Connection_NobodyUsesItForAMinute_IsClosedAndItsPoolForgotten()
    {
        var (_, entry) = await WithCanaryAsync("ociosa");
        await ReadAsync<string>(entry, "SELECT name FROM canary");
        Assert.Equal((1L, 1, 1), (await ConnectionsAsync(Host), Gate.Count, Host.Get<TenantDataSources>().Pools));

        _time.Pass(AlmostAMinute);

        await Eventually.HoldsAsync("nothing is open", async () =>
            Gate.Count == 0 && await ConnectionsAsync(Host) == 0, Cancellation, TimeSpan.FromSeconds(10));
        await Eventually.HoldsAsync("its pool is forgotten",
            () => Task.FromResult(Host.Get<TenantDataSources>().Pools == 0), Cancellation);
        Assert.Equal(entry.Subdomain, await ReadAsync<string>(entry, "SELECT name FROM canary"));
    }

    /// <summary>The measured time can be moved forward. Timers and the clock are the real ones.</summary>
    private sealed class PassingTime : TimeProvider
    {
        private long _ahead;

        public void Pass(TimeSpan time) =>
            Interlocked.Add(ref _ahead, (long)(time.TotalSeconds * TimestampFrequency));

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _ahead);
    }
}
