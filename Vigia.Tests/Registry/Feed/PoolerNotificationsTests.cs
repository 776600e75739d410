using Vigia.Core.Registry.Feed;
using Vigia.Core.Tenancy;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Feed;

/// <summary>
/// MASTER_DATABASE_URL leads through a real PgBouncer in transaction mode, against the documentation. It accepts LISTEN
/// and loses what is announced.
/// </summary>
public sealed class PoolerNotificationsTests(PostgresServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Notifications_LostByAPooler_AreNoticedCaughtUpAndShown()
    {
        await using var bouncer = await PgBouncer.StartAsync(server, Cancellation, ignored: "options");
        await using var host = await CoreHost.StartAsync(
            server, workers: false, via: direct => new()
            {
                Host = "127.0.0.1", Port = bouncer.Port, Database = direct.Database, Username = direct.Username,
                Password = direct.Password, Options = direct.Options,
            });
        var notifications = host.Get<MasterNotifications>();
        await Eventually.HoldsAsync(
            "the loss is noticed", () => Task.FromResult(notifications.IsPolling), Cancellation);
        Assert.Equal(MasterState.WithoutNotifications,
            (await host.Get<MasterHealth>().CheckAsync(Cancellation)).State);

        var catalog = host.Get<TenantCatalog>();
        for (var change = 0; change < 3; change++)
        {
            var name = $"por-pooler-{change}";
            await PostgresServer.ExecuteAsync(server.SuperuserUrl(host.Master.Database), $"""
                INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, db_name)
                VALUES ('{Rucs.Next(7_000 + change)}', 'Otra S.A.', '{name}', 'a@otra.pe', '{name}')
                """, Cancellation);
            await Eventually.HoldsAsync(
                "the change is found", () => Task.FromResult(catalog.TryFind(name, out _)), Cancellation);
            Assert.True(notifications.IsPolling);
        }
    }
}
