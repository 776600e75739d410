using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenancy;

/// <summary>The catalogue follows the registry, whatever changes it.</summary>
public sealed class TenantCatalogTests(PostgresServer server) : CoreTestBase(server)
{
    private TenantCatalog Catalog => Host.Get<TenantCatalog>();

    [Fact]
    public async Task Change_ByThePortalOrByAnyProgram_ReachesTheCatalogue()
    {
        var name = NewName("catalogo");
        var tenant = await ReadyAsync(name);
        await HoldsAsync(name, entry => entry?.RefusalNow(TimeProvider.System) == TenantRefusal.None);
        Assert.True(Catalog.TryFind(name, out var entry));
        Assert.Equal((tenant.Id, tenant.DatabaseName), (entry.Id, entry.DatabaseName));
        Assert.NotEqual(Guid.Empty, entry.CredentialId);
        Assert.NotEqual(Guid.Empty, entry.DatabaseId);

        await Host.Get<TenantActivation>().SuspendAsync(Host.Admin, tenant.Id, "seguridad", null, Cancellation);
        await HoldsAsync(name, e => e is { IsActive: false, TokensValidAfter: not null });

        await WriteAsync($"UPDATE clientes_saas SET is_active = true WHERE id = {tenant.Id}");
        await HoldsAsync(name, e => e is { IsActive: true });

        await WriteAsync($"UPDATE clientes_saas SET subdominio = '{name}-b' WHERE id = {tenant.Id}");
        await HoldsAsync(name, e => e is null);
        Assert.True(Catalog.TryFind($"{name}-b", out _));

        await WriteAsync($"""
            INSERT INTO portal.observed_databases (server_id, name, is_present, changed_at)
            VALUES (1, '{tenant.DatabaseName}', false, now())
            ON CONFLICT (server_id, name) DO UPDATE SET is_present = false
            """);
        await HoldsAsync($"{name}-b", e => e?.Database == DatabaseCondition.Missing);

        await WriteAsync($"DELETE FROM clientes_saas WHERE id = {tenant.Id}");
        await HoldsAsync($"{name}-b", e => e is null);
        Assert.True(Catalog.IsCurrent);
    }

    [Fact]
    public async Task Change_WhileTheListenerIsEnded_IsCaughtUp()
    {
        var name = NewName("oyente");
        var id = await RegisterAsync(name);
        await HoldsAsync(name, entry => entry is not null);

        // The listener ends in the same statement, before the change: nothing announces it.
        await WriteAsync($"""
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND query ~ 'LISTEN|SELECT 1' AND pid <> pg_backend_pid();
            UPDATE clientes_saas SET subdominio = '{name}-b' WHERE id = {id}
            """);

        await HoldsAsync($"{name}-b", entry => entry is not null);
        await HoldsAsync(name, entry => entry is null);
        Assert.False(Host.Get<MasterNotifications>().IsPolling);
    }

    [Fact]
    public void Replace_NameThatAnotherTenantHasGotMeanwhile_StaysWithThatTenant()
    {
        var catalog = new TenantCatalog();
        TenantEntry Of(int id, string name) => new()
        {
            Id = id, Subdomain = name, DatabaseName = null, State = TenantState.Ready, IsActive = true,
        };
        catalog.Fill([Of(1, "uno"), Of(2, "dos")]);

        // The second takes the name of the first, which continues under another name. The changes arrive in either
        // order.
        catalog.Replace([2], [Of(2, "uno")]);
        catalog.Replace([1], [Of(1, "tres")]);

        Assert.True(catalog.TryFind("uno", out var one));
        Assert.True(catalog.TryFind("tres", out var three));
        Assert.Equal((2, 1, 2), (one.Id, three.Id, catalog.Count));
        Assert.False(catalog.TryFind("dos", out _));
        catalog.Replace([2], []);
        Assert.False(catalog.TryFind("uno", out _));
    }

    [Fact]
    public void Replace_TenantRenamedToAndFro_BothNamesLeadToItAtEveryMoment()
    {
        var catalog = new TenantCatalog();
        var now = DateTimeOffset.UtcNow;
        TenantEntry Of(string name) => new()
        {
            Id = 1, Subdomain = name, DatabaseName = null, State = TenantState.Ready, IsActive = true,
        };
        TenantAlias Former(string name) => new()
        {
            Name = name, TenantId = 1, StartedAt = now, EndsAt = now.AddDays(30),
        };
        catalog.Fill([Of("uno")], [Former("dos")]);
        var (stop, reads, missed) = (false, 0L, 0L);
        var reader = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                missed += catalog.Find("uno", TimeProvider.System).Entry is null ? 1 : 0;
                missed += catalog.Find("dos", TimeProvider.System).Entry is null ? 1 : 0;
                Interlocked.Increment(ref reads);
            }
        });
        reader.Start();

        for (var turn = 0; turn < 20_000 || Interlocked.Read(ref reads) < 20_000; turn++)
        {
            var (name, former) = turn % 2 == 0 ? ("dos", "uno") : ("uno", "dos");
            if (turn % 3 == 0)
            {
                catalog.Fill([Of(name)], [Former(former)]);
            }
            else
            {
                catalog.Replace([1], [Of(name)], [Former(former)]);
            }
        }

        Volatile.Write(ref stop, true);
        reader.Join();
        Assert.Equal(0, missed);
        catalog.Replace([1], [Of("uno")]);
        Assert.Null(catalog.Find("dos", TimeProvider.System).Entry);
    }

    private Task HoldsAsync(string name, Func<TenantEntry?, bool> condition) =>
        Eventually.HoldsAsync(
            $"the entry of {name}", () => Task.FromResult(condition(Catalog.TryFind(name, out var e) ? e : null)),
            Cancellation, TimeSpan.FromSeconds(20));

    private Task WriteAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), sql, Cancellation);
}
