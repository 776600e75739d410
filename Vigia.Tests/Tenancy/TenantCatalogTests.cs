using Npgsql;
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

    /// <summary>Reading a large registry takes seconds. Here one row takes as long as the test wants.</summary>
    [Fact]
    public async Task Change_WhileEverythingIsRead_ArrivesAtOnceAndStays()
    {
        const int Key = 7301;
        var (name, slow) = (NewName("cambia"), NewName("lenta"));
        var id = await RegisterAsync(name);
        var slowId = await RegisterAsync(slow);
        await HoldsAsync(name, entry => entry is not null);
        await HoldsAsync(slow, entry => entry is not null);
        await WriteAsync($"""
            CREATE FUNCTION public.hold() RETURNS boolean LANGUAGE plpgsql COST 1000000 AS
                $$ BEGIN PERFORM pg_advisory_xact_lock_shared({Key}); RETURN true; END $$;
            ALTER TABLE clientes_saas ENABLE ROW LEVEL SECURITY;
            ALTER TABLE clientes_saas FORCE ROW LEVEL SECURITY;
            CREATE POLICY slow_row ON clientes_saas USING (id <> {slowId} OR public.hold()) WITH CHECK (true)
            """);
        await using var holder = await PostgresServer.OpenAsync(
            Server.SuperuserUrl(Host.Master.Database), Cancellation);
        await using var hold = new NpgsqlCommand($"SELECT pg_advisory_lock({Key})", holder);
        await hold.ExecuteNonQueryAsync(Cancellation);
        await WriteAsync("""
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND query ~ 'LISTEN|SELECT 1' AND pid <> pg_backend_pid()
            """);
        await Eventually.HoldsAsync("everything is being read", async () => await Host.ScalarAsync<long>(
            Host.Master.Database, """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'
                AND query ~ 'subdominio'
            """) > 0, Cancellation);

        await WriteAsync($"UPDATE clientes_saas SET subdominio = '{name}-b' WHERE id = {id}");
        await HoldsAsync($"{name}-b", entry => entry is not null);
        await HoldsAsync(name, entry => entry is null);

        Assert.True(Catalog.TryFind(slow, out var before));
        hold.CommandText = $"SELECT pg_advisory_unlock({Key})";
        await hold.ExecuteNonQueryAsync(Cancellation);
        await HoldsAsync(slow, entry => entry is not null && !ReferenceEquals(entry, before));
        Assert.False(Catalog.TryFind(name, out _));
        Assert.True(Catalog.TryFind($"{name}-b", out _));
    }

    /// <summary>
    /// The connection that listens is lost, and no other takes its place. So an unknown name may be that of a new
    /// tenant, and two names may be those of one.
    /// </summary>
    [Fact]
    public async Task Find_WhileChangesDoNotArrive_AsksTheRegistry()
    {
        var finder = Host.Get<TenantFinder>();
        var (old, fresh) = (NewName("antes"), NewName("despues"));
        var id = await RegisterAsync(old);
        await HoldsAsync(old, entry => entry is not null);
        Assert.Equal(TenantRefusal.Unknown, await RefusalAsync(new("nadie-aqui", null, null)));
        await WriteAsync("REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC");
        await WriteAsync("""
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND query ~ 'LISTEN|SELECT 1' AND pid <> pg_backend_pid()
            """);
        await Eventually.HoldsAsync(
            "it is lost", () => Task.FromResult(Host.Get<MasterNotifications>().IsLost), Cancellation);

        // Polling could find some of them in this moment, but never all.
        for (var turn = 0; turn < 3; turn++)
        {
            var name = NewName("elsewhere");
            await WriteAsync($"""
                INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, plan, entorno, is_active)
                VALUES ('{NewRuc()}', 'Del producto S.A.C.', '{name}', 'a@producto.pe', 'basico', 'demo', true)
                """);
            Assert.Equal(TenantRefusal.NotReady, await RefusalAsync(new(name, null, null)));
        }

        await WriteAsync($"""
            UPDATE clientes_saas SET subdominio = '{fresh}' WHERE id = {id};
            INSERT INTO portal.tenant_aliases (name, tenant_id, started_at, ends_at, operation_id)
            VALUES ('{old}', {id}, now(), now() + interval '1 day', gen_random_uuid())
            """);
        Assert.Equal(TenantRefusal.Renamed, await RefusalAsync(new(fresh, old, null)));
        Assert.Equal(TenantRefusal.Unknown, await RefusalAsync(new("nadie-aqui", null, null)));

        // Strangers choose the names, so not every one of them is asked for.
        var refusals = await Task.WhenAll(Enumerable.Range(0, 3 * TenantFinder.MostQuestions)
            .Select(i => RefusalAsync(new($"inventado-{i}", null, null))));
        Assert.Equal([TenantRefusal.RegistryUnavailable, TenantRefusal.Unknown], refusals.Distinct().OrderDescending());

        async Task<TenantRefusal> RefusalAsync(TenantClues clues) =>
            (await finder.ResolveAsync(clues, Cancellation)).Refusal;
    }

    /// <summary>The registry can't be read for a moment. Afterwards the catalogue is current again.</summary>
    [Fact]
    public async Task Change_CannotBeRead_IsReadAgainAndTheCatalogueIsCurrent()
    {
        var name = NewName("ilegible");
        var id = await RegisterAsync(name);
        await HoldsAsync(name, entry => entry is not null);
        await WriteAsync("ALTER TABLE portal.observed_databases RENAME TO observed_databases_away");
        await WriteAsync($"UPDATE clientes_saas SET subdominio = '{name}-b' WHERE id = {id}");
        await Eventually.HoldsAsync("the read has failed", () => Task.FromResult(!Catalog.IsCurrent), Cancellation);

        await WriteAsync("ALTER TABLE portal.observed_databases_away RENAME TO observed_databases");

        await HoldsAsync($"{name}-b", entry => entry is not null);
        await HoldsAsync(name, entry => entry is null);
        await Eventually.HoldsAsync("it is current", () => Task.FromResult(Catalog.IsCurrent), Cancellation);
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
