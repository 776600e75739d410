using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Diagnosis;
using Vigia.Core.Tenancy;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenancy;

/// <summary>A small budget of connections on a real server.</summary>
public sealed class ConnectionBudgetTests(PostgresServer server) : TenantSessionTestBase(server)
{
    private const int Budget = 3;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    protected override void Configure(IServiceCollection services) => services.Configure<TenancyOptions>(o =>
    {
        o.ConnectionsPerServer = Budget;
        o.WaitForConnection = Wait;
        o.CloseIdleAfter = TimeSpan.FromSeconds(1);
    });

    /// <summary>One tenant has many more requests than there are connections, another one has one.</summary>
    [Fact]
    public async Task Open_FloodOfOneTenant_KeepsTheBudgetAndLetsAnotherIn()
    {
        var (flooding, single) = (await ReadyAsync(NewName("avalancha")), await ReadyAsync(NewName("unica")));
        var (flood, other) = (await EntryAsync(flooding), await EntryAsync(single));
        var held = new List<TenantSession>();
        for (var i = 0; i < Budget; i++)
        {
            held.Add(await Sessions.OpenAsync(flood, Cancellation));
        }

        var requests = Enumerable.Range(0, 20).Select(_ => Sessions.OpenAsync(flood, Cancellation).AsTask()).ToList();
        var alone = Sessions.OpenAsync(other, Cancellation).AsTask();
        await using var sampler = Sample(Host);
        await Eventually.HoldsAsync("all wait", () => Task.FromResult(Gate.Waiting == 21), Cancellation);
        await held[0].DisposeAsync();
        await held[1].DisposeAsync();

        // The other tenant gets one of the two, although twenty requests came before. Where this took longer than a
        // second, the flood gets the first one.
        await using (await alone)
        {
            Assert.InRange(requests.Count(request => request.IsCompleted), 0, 1);
        }

        await held[2].DisposeAsync();
        foreach (var request in requests)
        {
            await (await request).DisposeAsync();
        }

        Assert.InRange(await sampler.MostAsync(), 1, Budget);
    }

    /// <summary>A database that nobody asked does not count as one that does not answer.</summary>
    [Fact]
    public async Task Diagnosis_AllConnectionsBusy_SaysSo()
    {
        var (holder, other) = (await ReadyAsync(NewName("ocupa")), await ReadyAsync(NewName("mira")));
        var (one, two) = (await EntryAsync(holder), await EntryAsync(other));
        var held = new List<TenantSession>();
        for (var i = 0; i < Budget; i++)
        {
            held.Add(await Sessions.OpenAsync(one, Cancellation));
        }

        await using var scope = Host.Services.CreateAsyncScope();
        var result = await scope.ServiceProvider.GetRequiredService<TenantDiagnosis>()
            .DiagnoseAsync(Host.Admin, new DiagnosisRequest(null, two.Subdomain, null), Cancellation);

        Assert.Equal(("connections_busy", 503), (result.Verdict.Code, result.Verdict.Status));
        foreach (var session in held)
        {
            await session.DisposeAsync();
        }
    }

    /// <summary>The tenant is suspended while its request waits for a connection.</summary>
    [Fact]
    public async Task Open_SuspendedWhileItWaits_IsRefused()
    {
        var (holder, late) = (await ReadyAsync(NewName("ocupa")), await ReadyAsync(NewName("tardia")));
        var (one, two) = (await EntryAsync(holder), await EntryAsync(late));
        var held = new List<TenantSession>();
        for (var i = 0; i < Budget; i++)
        {
            held.Add(await Sessions.OpenAsync(one, Cancellation));
        }

        var waiting = Sessions.OpenAsync(two, Cancellation).AsTask();
        await WriteAsync($"UPDATE clientes_saas SET is_active = false WHERE id = {late.Id}");

        var refused = await Assert.ThrowsAsync<TenantRefusedException>(() => waiting);
        Assert.Equal(TenantRefusal.Inactive, refused.Refusal);
        foreach (var session in held)
        {
            await session.DisposeAsync();
        }
    }

    /// <summary>
    /// The server refuses the tenant's role. However often this happens, other tenants lose no connection.
    /// </summary>
    [Fact]
    public async Task Open_PasswordIsWrong_IsRefusedBeforeItTakesAConnection()
    {
        var (broken, holder) = (await ReadyAsync(NewName("clave-mala")), await ReadyAsync(NewName("ocupa")));
        var (one, two) = (await EntryAsync(broken), await EntryAsync(holder));
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"ALTER ROLE vigia_c_{one.CredentialId:N} PASSWORD 'otra'", Cancellation);
        var held = new List<TenantSession>();
        for (var i = 1; i < Budget; i++)
        {
            held.Add(await Sessions.OpenAsync(two, Cancellation));
        }

        await RefusesAsync(one, TenantRefusal.DatabaseUnreachable);
        held.Add(await Sessions.OpenAsync(two, Cancellation));

        // Where all connections are held, it would wait for five seconds and be told so.
        await RefusesAsync(one, TenantRefusal.DatabaseUnreachable);
        foreach (var session in held)
        {
            await session.DisposeAsync();
        }
    }

    [Fact]
    public async Task Open_AllConnectionsInUse_IsRefusedWithTheTimeToRetry()
    {
        var (holder, other) = (await ReadyAsync(NewName("ocupa")), await ReadyAsync(NewName("espera")));
        var (one, two) = (await EntryAsync(holder), await EntryAsync(other));
        var held = new List<TenantSession>();
        for (var i = 0; i < Budget; i++)
        {
            held.Add(await Sessions.OpenAsync(one, Cancellation));
        }

        var refused = await Assert.ThrowsAsync<TenantRefusedException>(
            () => Sessions.OpenAsync(two, Cancellation).AsTask());

        Assert.Equal(("connections_busy", 503), (refused.Reason.Code, TenantRefusals.StatusOf(refused.Refusal)));
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        Assert.Equal(Budget, await ConnectionsAsync(Host));
        foreach (var session in held)
        {
            await session.DisposeAsync();
        }

        Assert.Equal(1, await ReadAsync<int>(two, "SELECT 1"));
    }

    /// <summary>More tenants than connections, in turns. Afterwards nothing is left of them.</summary>
    [Fact]
    public async Task Open_MoreTenantsThanConnections_AllAreServedAndNothingIsLeft()
    {
        var entries = new List<TenantEntry>();
        foreach (var number in Enumerable.Range(0, 6))
        {
            entries.Add((await WithCanaryAsync($"turno-{number}")).Entry);
        }

        for (var round = 0; round < 3; round++)
        {
            foreach (var entry in entries)
            {
                Assert.Equal(entry.Subdomain, await ReadAsync<string>(entry, "SELECT name FROM canary"));
                Assert.InRange(Gate.Count, 1, Budget);
            }
        }

        await Eventually.HoldsAsync("no connection is left",
            async () => Gate.Count == 0 && await ConnectionsAsync(Host) == 0, Cancellation);
        await Eventually.HoldsAsync("no pool is left",
            () => Task.FromResult(Host.Get<TenantDataSources>().Pools == 0), Cancellation);
    }

    /// <summary>Both instances want all of it. Together they never have more, and each gets its half.</summary>
    [Fact]
    public async Task Open_TwoInstances_ShareTheBudget()
    {
        var tenant = await ReadyAsync(NewName("dos"));
        var entry = await EntryAsync(tenant);
        var first = new List<TenantSession>();
        for (var i = 0; i < Budget; i++)
        {
            first.Add(await Sessions.OpenAsync(entry, Cancellation));
        }

        var other = await CoreHost.StartAsync(Server, configure: Configure, master: Host.Master);
        await using var sampler = Sample(Host, other);
        try
        {
            var otherEntry = await EntryAsync(other, tenant);
            var waiting = other.Get<TenantSessions>().OpenAsync(otherEntry, Cancellation).AsTask();
            await Eventually.HoldsAsync("the other has a row", async () => await Host.ScalarAsync<long>(
                Host.Master.Database, "SELECT count(*) FROM portal.connection_shares") == 2, Cancellation);
            Assert.Equal(Budget, await SumAsync());
            Assert.False(waiting.IsCompleted);

            await first[0].DisposeAsync();
            await first[1].DisposeAsync();

            await using var session = await waiting;
            Assert.Equal(1, await ScalarAsync<int>(session, "SELECT 1"));
            Assert.InRange(await SumAsync(), 1, Budget);
            Assert.InRange(await sampler.MostAsync(), 1, Budget);
        }
        finally
        {
            await other.DisposeAsync();
            await first[2].DisposeAsync();
        }

        // The other has ended and left its share.
        await Eventually.HoldsAsync("the first has all again", async () => await Host.ScalarAsync<long>(
            Host.Master.Database,
            $"SELECT count(*) FROM portal.connection_shares WHERE held = {Budget}") == 1, Cancellation);
    }

    private Task<long> SumAsync() =>
        Host.ScalarAsync<long>(Host.Master.Database, "SELECT sum(held) FROM portal.connection_shares");

    private ConnectionSampler Sample(params CoreHost[] hosts) => ConnectionSampler.Start(
        Server.SuperuserUrl("postgres"), hosts.Select(host => host.Get<ConnectionGate>().ApplicationName));
}
