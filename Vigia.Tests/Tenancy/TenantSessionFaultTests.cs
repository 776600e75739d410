using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenancy;

/// <summary>A server that restarts, connections that are lost, and a master that nobody hears.</summary>
public sealed class TenantSessionFaultTests : IAsyncLifetime
{
    private PostgresServer? _server;
    private FaultHost? _host;

    private PostgresServer Server => _server!;

    private FaultHost Own => _host!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartNewAsync(new PostgresServerOptions { MaxConnections = 100 });
        _host = new FaultHost(_server);
        await _host.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restart_OfTheServer_FirstRequestOfEveryTenantSucceeds(bool immediate)
    {
        var entries = new List<TenantEntry>();
        for (var number = 0; number < 3; number++)
        {
            entries.Add((await Own.CanaryAsync($"reinicio-{number}")).Entry);
            await Own.NameAsync(entries[^1]);
        }

        await Server.RestartAsync(immediate, Cancellation);

        foreach (var entry in entries)
        {
            Assert.Equal(entry.Subdomain, await Own.NameAsync(entry));
        }
    }

    /// <summary>Somebody ends all sessions of a tenant. Its next request finds a connection that answers.</summary>
    [Fact]
    public async Task Connection_EndedByTheServer_IsReplaced()
    {
        var (tenant, entry) = await Own.CanaryAsync("cortada");
        await using (var session = await Own.OpenAsync(entry))
        {
            // The running request notices the loss. From then on, kept connections are checked before they are used.
            await Own.NameAsync(entry);
            await EndSessionsAsync(tenant.DatabaseName!);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => FaultHost.NameAsync(session));
        }

        Assert.Equal(entry.Subdomain, await Own.NameAsync(entry));
        Assert.Equal(entry.Subdomain, await Own.NameAsync(entry));
    }

    /// <summary>
    /// The listener is ended and can't come back for a while. A change in that time is found afterwards; until then the
    /// health check reports that announcements are missing.
    /// </summary>
    [Fact]
    public async Task Listener_EndedAndKeptAway_IsNoticedAndCaughtUp()
    {
        var (tenant, entry) = await Own.CanaryAsync("sin-oyente");
        var notifications = Own.Get<MasterNotifications>();
        var health = Own.Get<MasterHealth>();
        Assert.Equal(MasterState.Healthy, (await health.CheckAsync(Cancellation)).State);
        var master = SqlIdentifier.Quote(Own.Master.Database);
        await AsSuperuserAsync($"ALTER DATABASE {master} CONNECTION LIMIT 0");
        await EndSessionsAsync(Own.Master.Database);
        await Eventually.HoldsAsync("the loss is noticed", () => Task.FromResult(notifications.IsLost), Cancellation);
        Assert.NotEqual(MasterState.Healthy, (await health.CheckAsync(Cancellation)).State);
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl(Own.Master.Database),
            $"UPDATE clientes_saas SET is_active = false WHERE id = {tenant.Id}", Cancellation);
        await AsSuperuserAsync($"ALTER DATABASE {master} CONNECTION LIMIT -1");

        await Eventually.HoldsAsync("the change is known", () => Task.FromResult(
            Own.Get<TenantCatalog>().CurrentOf(entry) is { IsActive: false }), Cancellation);
        await Eventually.HoldsAsync("the master is healthy again", async () =>
            (await health.CheckAsync(Cancellation)).State == MasterState.Healthy, Cancellation);
        Assert.False(notifications.IsLost);
    }

    /// <summary>
    /// The server is away for longer than a lease. The instance that comes back first finds no connection of the other
    /// one, and takes everything. The other one may not use what it had.
    /// </summary>
    [Fact]
    public async Task Restart_LongerThanALease_TwoInstancesKeepTheBudget()
    {
        var (_, entry) = await Own.CanaryAsync("vuelve");
        await using var other = await Own.StartAnotherAsync();
        var otherEntry = await Own.EntryOfAsync(other, entry);
        ConnectionGate[] gates = [Own.Get<ConnectionGate>(), other.Get<ConnectionGate>()];
        Task<string[]> BurstAsync() => Task.WhenAll(Enumerable.Range(0, 12).SelectMany(_ => new[]
        {
            FaultHost.SlowNameAsync(Own.Get<TenantSessions>(), entry),
            FaultHost.SlowNameAsync(other.Get<TenantSessions>(), otherEntry),
        }));
        await BurstAsync();
        await Eventually.HoldsAsync("both have their half",
            async () => await Own.SharesAsync() == "2,2", Cancellation);
        await BurstAsync();

        await Server.StopAsync(immediate: true, Cancellation);
        await Eventually.HoldsAsync("both leases have ended",
            () => Task.FromResult(gates.All(gate => !gate.IsValid)), Cancellation);
        foreach (var sessions in new[] { Own.Get<TenantSessions>(), other.Get<TenantSessions>() })
        {
            await Assert.ThrowsAnyAsync<Exception>(() => FaultHost.SlowNameAsync(sessions, entry));
        }

        await Server.StartAsync(Cancellation);
        await using var sampler = ConnectionSampler.Start(
            Server.SuperuserUrl("postgres"), gates.Select(gate => gate.ApplicationName));
        await Eventually.HoldsAsync("both work again", async () =>
        {
            try
            {
                await BurstAsync();
                return await Own.SharesAsync() == "2,2";
            }
            catch (Exception e) when (e is NpgsqlException or TenantRefusedException)
            {
                return false;
            }
        }, Cancellation);

        Assert.InRange(await sampler.MostAsync(), 2, FaultHost.Budget);
        Assert.All(gates, gate => Assert.InRange(gate.Count, 0, FaultHost.Budget / 2));
    }

    /// <summary>Without the master, tenants with open connections still work.</summary>
    [Fact]
    public async Task Master_Away_TenantsWithConnectionsAreServed()
    {
        var (_, other) = await Own.CanaryAsync("sin-sesion");
        var (_, entry) = await Own.CanaryAsync("sin-maestra");
        await Own.NameAsync(entry);
        var master = SqlIdentifier.Quote(Own.Master.Database);
        await AsSuperuserAsync($"ALTER DATABASE {master} CONNECTION LIMIT 0");
        await EndSessionsAsync(Own.Master.Database);

        Assert.Equal(entry.Subdomain, await Own.NameAsync(entry));
        await Eventually.HoldsAsync(
            "the lease has ended", () => Task.FromResult(!Own.Get<ConnectionGate>().IsValid), Cancellation);
        Assert.Equal(entry.Subdomain, await Own.NameAsync(entry));
        var refused = await Assert.ThrowsAsync<TenantRefusedException>(() => Own.NameAsync(other));
        Assert.Equal(TenantRefusal.RegistryUnavailable, refused.Refusal);

        await AsSuperuserAsync($"ALTER DATABASE {master} CONNECTION LIMIT -1");
    }

    private Task AsSuperuserAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"), sql, Cancellation);

    private Task EndSessionsAsync(string database) => AsSuperuserAsync(
        $"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{database}'");

    /// <summary>The portal on the server of one test.</summary>
    private sealed class FaultHost(PostgresServer server) : TenantSessionTestBase(server)
    {
        public const int Budget = 4;

        public PostgresUrl Master => Host.Master;

        public T Get<T>()
            where T : notnull => Host.Get<T>();

        public static async Task<string> SlowNameAsync(TenantSessions sessions, TenantEntry entry)
        {
            await using var session = await sessions.OpenAsync(entry, Cancellation);
            return await ScalarAsync<string>(session, "SELECT name FROM canary, pg_sleep(0.02)");
        }

        /// <summary>Another instance on the same master.</summary>
        public Task<CoreHost> StartAnotherAsync() =>
            CoreHost.StartAsync(Server, configure: Configure, master: Host.Master);

        public async Task<TenantEntry> EntryOfAsync(CoreHost host, TenantEntry entry) =>
            await EntryAsync(host, await RowAsync(entry.Id));

        public Task<string?> SharesAsync() => Host.ScalarAsync<string>(
            Host.Master.Database, "SELECT string_agg(held::text, ',') FROM portal.connection_shares");

        public Task<(Tenant Tenant, TenantEntry Entry)> CanaryAsync(string stem) =>
            WithCanaryAsync(stem);

        public ValueTask<TenantSession> OpenAsync(TenantEntry entry) => Sessions.OpenAsync(entry, Cancellation);

        public Task<string> NameAsync(TenantEntry entry) => ReadAsync<string>(entry, "SELECT name FROM canary");

        public static Task<string> NameAsync(TenantSession session) =>
            ScalarAsync<string>(session, "SELECT name FROM canary");

        protected override void Configure(IServiceCollection services) =>
            services.Configure<TenancyOptions>(o => o.ConnectionsPerServer = Budget);
    }
}
