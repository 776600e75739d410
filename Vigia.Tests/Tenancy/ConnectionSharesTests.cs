using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Tenancy;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenancy;

/// <summary>The budget of a server is divided among the instances, and never passed.</summary>
public sealed class ConnectionSharesTests(PostgresServer server) : CoreTestBase(server)
{
    private const int Budget = 10;
    private static readonly Guid One = Guid.NewGuid();
    private static readonly Guid Other = Guid.NewGuid();

    private ConnectionShares Shares => Host.Get<ConnectionShares>();

    // Nothing but the test takes a share: an instance without tenants waits until something asks for a session.
    protected override bool Workers => false;

    protected override void Configure(IServiceCollection services) =>
        services.Configure<TenancyOptions>(o => o.ConnectionsPerServer = Budget);

    [Fact]
    public async Task Renew_OnlyInstance_GetsTheWholeBudget() =>
        Assert.Equal(new Share(Budget, Budget), await RenewAsync(One, 0));

    [Fact]
    public async Task Renew_AnotherJoins_GetsOnlyWhatWasAcknowledgedAsFree()
    {
        await RenewAsync(One, 0);
        Assert.Equal(new Share(0, 5), await RenewAsync(Other, 0));

        // The first instance learns of the second, and still uses seven.
        Assert.Equal(new Share(Budget, 5), await RenewAsync(One, Budget));
        Assert.Equal(new Share(7, 5), await RenewAsync(One, 7));
        Assert.Equal(new Share(3, 5), await RenewAsync(Other, 0));
        Assert.Equal(new Share(5, 5), await RenewAsync(One, 5));
        Assert.Equal(new Share(5, 5), await RenewAsync(Other, 3));
        await Shares.LeaveAsync(Other, Cancellation);
        Assert.Equal(new Share(Budget, Budget), await RenewAsync(One, 5));
    }

    [Fact]
    public async Task Renew_LeaseOfAnotherHasEnded_ItsShareIsFreeWhenItsConnectionsAreGone()
    {
        await RenewAsync(Other, 0);
        await WriteAsync("UPDATE portal.connection_shares SET lease_until = now() - interval '1 second'");
        var settings = Server.SuperuserUrl("postgres").ToConnectionStringBuilder();
        settings.ApplicationName = $"{ConnectionShares.NamePrefix}{Other:N}";
        await using (await PostgresSessions.OpenAsync(settings, Cancellation))
        {
            // A session of another role. The portal's role can see its name.
            Assert.Equal(new Share(0, 5), await RenewAsync(One, 0));
        }

        await Eventually.HoldsAsync("the share is free",
            async () => await RenewAsync(One, 0) == new Share(Budget, Budget), Cancellation);
    }

    /// <summary>It still believes in its share, of which the others have taken everything meanwhile.</summary>
    [Fact]
    public async Task Renew_AfterItsShareWasForgotten_HoldsNothing()
    {
        await RenewAsync(One, 0);
        await RenewAsync(Other, 0);
        await RenewAsync(One, 5);
        Assert.Equal(new Share(5, 5), await RenewAsync(Other, 0));
        await WriteAsync($"UPDATE portal.connection_shares SET lease_until = now() - interval '1 second' "
            + $"WHERE instance_id = '{Other}'");
        Assert.Equal(new Share(Budget, Budget), await RenewAsync(One, 5));

        Assert.Equal(new Share(0, 5), await RenewAsync(Other, 5));
        Assert.Equal(new Share(0, 5), await RenewAsync(Other, 5));
        Assert.Equal(new Share(Budget, 5), await RenewAsync(One, Budget));
        Assert.Equal(new Share(5, 5), await RenewAsync(One, 5));
        Assert.Equal(new Share(5, 5), await RenewAsync(Other, 0));
    }

    [Fact]
    public async Task Renew_RowIsLocked_GivesUpBeforeTheLeaseEnds()
    {
        await using var other = await PostgresServer.OpenAsync(
            Server.SuperuserUrl(Host.Master.Database), Cancellation);
        await using var transaction = await other.BeginTransactionAsync(Cancellation);
        await using (var command = new NpgsqlCommand(
            "SELECT id FROM portal.database_servers WHERE id = 1 FOR UPDATE", other, transaction))
        {
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        var refused = await Assert.ThrowsAsync<PostgresException>(() => RenewAsync(One, 0));

        Assert.Equal(PostgresErrorCodes.LockNotAvailable, refused.SqlState);
    }

    [Fact]
    public async Task Renew_LeaseOfAnotherHasNotEnded_ItsShareIsNotFree()
    {
        await RenewAsync(Other, 0);

        Assert.Equal(new Share(0, 5), await RenewAsync(One, 0));
    }

    [Fact]
    public async Task Renew_WithoutABudget_UsesTheServersLimitLessTheReserve()
    {
        await using var host = await CoreHost.StartAsync(Server, workers: false);
        var allowed = await Host.ScalarAsync<int>("postgres", """
            SELECT current_setting('max_connections')::integer
                - current_setting('superuser_reserved_connections')::integer
                - coalesce(current_setting('reserved_connections', true)::integer, 0)
            """);

        var share = await host.Get<ConnectionShares>().RenewAsync(One, 0, Cancellation);

        Assert.Equal(allowed - new TenancyOptions().ConnectionReserve, share.Held);
    }

    /// <summary>Many instances come, shrink and go. The rows never allow more than the budget.</summary>
    [Fact]
    public async Task Renew_ManyInstancesAtOnce_NeverAllowMoreThanTheBudget()
    {
        var most = 0L;
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async number =>
        {
            var (random, id, held) = (new Random(number), Guid.NewGuid(), 0);
            for (var turn = 0; turn < 25; turn++)
            {
                held = (await RenewAsync(id, random.Next(held + 1))).Held;
                if (random.Next(8) == 0)
                {
                    await Shares.LeaveAsync(id, Cancellation);
                    (id, held) = (Guid.NewGuid(), 0);
                }

                var sum = await Host.ScalarAsync<long>(
                    Host.Master.Database, "SELECT coalesce(sum(held), 0) FROM portal.connection_shares");
                InterlockedMost(ref most, sum);
            }
        }));

        Assert.InRange(most, 1, Budget);
    }

    private static void InterlockedMost(ref long most, long now)
    {
        for (var seen = Interlocked.Read(ref most); now > seen;)
        {
            var was = Interlocked.CompareExchange(ref most, now, seen);
            seen = was == seen ? now : was;
        }
    }

    private Task<Share> RenewAsync(Guid instance, int acknowledged) =>
        Shares.RenewAsync(instance, acknowledged, Cancellation);

    private Task WriteAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), sql, Cancellation);
}
