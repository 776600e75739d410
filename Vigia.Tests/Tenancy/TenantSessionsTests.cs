using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenancy;

/// <summary>Sessions in the databases of tenants: whose they are, who gets none, and when they are closed.</summary>
public sealed class TenantSessionsTests(PostgresServer server) : TenantSessionTestBase(server)
{
    protected override void Configure(IServiceCollection services)
    {
        services.Configure<IsolationOptions>(o =>
        {
            o.KeepReplacedRoleFor = TimeSpan.Zero;
            o.LookAgainAfter = TimeSpan.FromMilliseconds(100);
        });
    }

    [Fact]
    public async Task Open_ReadyTenant_UsesItsOwnRoleInItsOwnDatabase()
    {
        var tenant = await ReadyAsync(NewName("sesion"));
        var entry = await EntryAsync(tenant);

        await using var session = await Sessions.OpenAsync(entry, Cancellation);

        Assert.Equal(tenant.DatabaseName, await ScalarAsync<string>(session, "SELECT current_database()::text"));
        Assert.Equal(
            $"vigia_c_{entry.CredentialId:N}", await ScalarAsync<string>(session, "SELECT current_user::text"));
        Assert.Equal("1min", await ScalarAsync<string>(session, "SHOW statement_timeout"));
        Assert.Equal("UTC", await ScalarAsync<string>(session, "SHOW TimeZone"));
        Assert.Equal(tenant.AccessEmail, await session.Context.Users.Select(u => u.Email).SingleAsync(Cancellation));
        Assert.Same(entry, session.Tenant);
        Assert.Equal(1, await ConnectionsAsync(Host, tenant.DatabaseName));
    }

    // The server has no such locale any more. It says so with the code of an internal error.
    [Fact]
    public async Task Open_DatabaseOpensForNobody_IsRefusedAsUnreachable()
    {
        var tenant = await ReadyAsync(NewName("sin-locale"));
        var entry = await EntryAsync(tenant);
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"UPDATE pg_database SET datcollate = 'xx_XX.utf8' WHERE datname = '{tenant.DatabaseName}'", Cancellation);

        await RefusesAsync(entry, TenantRefusal.DatabaseUnreachable);
    }

    [Fact]
    public async Task Open_Again_ReusesTheConnectionWithoutStateOfTheLastRequest()
    {
        var entry = await EntryAsync(await ReadyAsync(NewName("otra-vez")));
        int backend;
        await using (var session = await Sessions.OpenAsync(entry, Cancellation))
        {
            backend = session.Connection.ProcessID;
            await using var left = new NpgsqlCommand("""
                SET statement_timeout = '1s'; LISTEN left_over; SELECT pg_advisory_lock(4712);
                """, session.Connection);
            await left.ExecuteNonQueryAsync(Cancellation);
        }

        await using var next = await Sessions.OpenAsync(entry, Cancellation);

        Assert.Equal(backend, next.Connection.ProcessID);
        Assert.Equal("1min", await ScalarAsync<string>(next, "SHOW statement_timeout"));
        Assert.Equal(0L, await ScalarAsync<long>(next, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
            + "AND pid = pg_backend_pid()"));
        Assert.Equal(0L, await ScalarAsync<long>(next, "SELECT count(*) FROM pg_listening_channels()"));
    }

    /// <summary>
    /// The server ends the session of a request that has begun a transaction on its own. Giving it back has to end that
    /// transaction first, and fails.
    /// </summary>
    [Fact]
    public async Task Dispose_ConnectionEndedInsideATransaction_ItsPlaceIsFree()
    {
        var entry = await EntryAsync(await ReadyAsync(NewName("a-medias")));
        for (var turn = 0; turn < 3; turn++)
        {
            await using var session = await Sessions.OpenAsync(entry, Cancellation);
            await using var begin = new NpgsqlCommand("BEGIN", session.Connection);
            await begin.ExecuteNonQueryAsync(Cancellation);
            await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
                $"SELECT pg_terminate_backend({session.Connection.ProcessID}, 5000)", Cancellation);
            Assert.Equal(1, Gate.Count);
            await session.DisposeAsync();
            Assert.Equal(0, Gate.Count);
        }

        Assert.Equal(1, await ReadAsync<int>(entry, "SELECT 1"));
    }

    [Fact]
    public async Task Open_SuspendedMeanwhile_IsRefusedAndItsConnectionsClosed()
    {
        var tenant = await ReadyAsync(NewName("suspendida"));
        var entry = await EntryAsync(tenant);
        await using var running = await Sessions.OpenAsync(entry, Cancellation);
        await ReadAsync<int>(entry, "SELECT 1");
        Assert.Equal(2, await ConnectionsAsync(Host, tenant.DatabaseName));

        await Host.Get<TenantActivation>().SuspendAsync(Host.Admin, tenant.Id, "seguridad", null, Cancellation);
        await RefusedAsync(tenant, TenantRefusal.Inactive);

        // The running request continues. A new one is refused, even with an entry that it resolved earlier.
        await RefusesAsync(entry, TenantRefusal.Inactive);
        Assert.Equal(1, await ScalarAsync<int>(running, "SELECT 1"));
        await running.DisposeAsync();
        await Eventually.HoldsAsync("all its connections are closed",
            async () => await ConnectionsAsync(Host, tenant.DatabaseName) == 0, Cancellation);
        Assert.Equal(0, Gate.Count);

        await Host.Get<TenantActivation>().ReactivateAsync(Host.Admin, tenant.Id, Cancellation);
        Assert.Equal(1, await ReadAsync<int>(await EntryAsync(tenant), "SELECT 1"));
    }

    [Fact]
    public async Task Open_RowIsGone_IsUnknown()
    {
        var tenant = await ReadyAsync(NewName("ausente"));
        var entry = await EntryAsync(tenant);
        await WriteAsync($"DELETE FROM clientes_saas WHERE id = {tenant.Id}");
        await RefusedAsync(tenant, TenantRefusal.Unknown);

        await RefusesAsync(entry, TenantRefusal.Unknown);
    }

    /// <summary>Kept connections of the old role would let the rotation wait for ever.</summary>
    [Fact]
    public async Task Rotate_ConnectionsAreKept_EndsAndNewSessionsUseTheNewRole()
    {
        var tenant = await ReadyAsync(NewName("rotada"));
        var entry = await EntryAsync(tenant);
        var old = await ReadAsync<string>(entry, "SELECT current_user::text");

        var rotated = await Host.EndOfAsync(
            await Host.Get<CredentialService>().RotateAsync(Host.Admin, tenant.Id, "prueba", Cancellation));

        Assert.True(rotated.State == OperationState.Succeeded, $"{rotated.Error}");
        Assert.NotEqual(old, await ReadAsync<string>(entry, "SELECT current_user::text"));
        Assert.Equal(0L, await Host.ScalarAsync<long>("postgres",
            $"SELECT count(*) FROM pg_roles WHERE rolname = '{old}'"));
    }

    /// <summary>The rotation is not announced: the catalogue still names the credential that is gone.</summary>
    [Fact]
    public async Task Open_CatalogueIsBehindARotation_UsesTheNewRole()
    {
        var tenant = await ReadyAsync(NewName("atrasada"));
        var entry = await EntryAsync(tenant);
        var rotated = await Host.EndOfAsync(
            await Host.Get<CredentialService>().RotateAsync(Host.Admin, tenant.Id, "prueba", Cancellation));
        Assert.True(rotated.State == OperationState.Succeeded, $"{rotated.Error}");
        await Eventually.HoldsAsync("the catalogue has the new credential", async () =>
            (await EntryAsync(tenant)).CredentialId != entry.CredentialId, Cancellation);
        Host.Get<TenantCatalog>().Replace([tenant.Id], [entry]);

        var role = await ReadAsync<string>(entry, "SELECT current_user::text");

        Assert.NotEqual($"vigia_c_{entry.CredentialId:N}", role);
    }

    [Fact]
    public async Task Open_DatabaseDropped_IsMissingAtOnceForThatTenantOnly()
    {
        var (tenant, other) = (await ReadyAsync(NewName("caida")), await ReadyAsync(NewName("en-pie")));
        var (entry, otherEntry) = (await EntryAsync(tenant), await EntryAsync(other));
        await ReadAsync<int>(entry, "SELECT 1");
        await ReadAsync<int>(otherEntry, "SELECT 1");
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"DROP DATABASE {SqlIdentifier.Quote(tenant.DatabaseName!)} WITH (FORCE)", Cancellation);

        // A connection that was used within the last tenth of a second is given out without a ping. That request
        // fails with the lost connection, and the next one is told.
        try
        {
            await ReadAsync<int>(entry, "SELECT 1");
            Assert.Fail("The database is gone.");
        }
        catch (Exception e) when (e is NpgsqlException or TenantRefusedException)
        {
            Assert.Equal(1, Gate.Count);
        }

        await RefusesAsync(entry, TenantRefusal.DatabaseMissing);

        Assert.Equal(TenantStatus.DatabaseMissing,
            (await Host.Get<TenantSearch>().GetAsync(Host.Admin, tenant.Id, Cancellation)).View!.Status);
        Assert.Equal(1, await ReadAsync<int>(otherEntry, "SELECT 1"));
        await RefusedAsync(tenant, TenantRefusal.DatabaseMissing);
        await RefusesAsync(entry, TenantRefusal.DatabaseMissing);
        await Eventually.HoldsAsync("only the other one's connection is left",
            () => Task.FromResult(Gate.Count == 1), Cancellation);
    }

    [Fact]
    public async Task Open_DatabaseClosed_IsUnreachable()
    {
        var tenant = await ReadyAsync(NewName("cerrada"));
        var entry = await EntryAsync(tenant);
        await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"),
            $"ALTER DATABASE {SqlIdentifier.Quote(tenant.DatabaseName!)} ALLOW_CONNECTIONS false", Cancellation);

        await RefusesAsync(entry, TenantRefusal.DatabaseUnreachable);

        await RefusedAsync(tenant, TenantRefusal.DatabaseUnreachable);
        Assert.Equal(0, Gate.Count);
    }

    [Fact]
    public async Task Open_OtherDatabaseUnderItsName_IsRefused()
    {
        var tenant = await ReadyAsync(NewName("suplantada"));
        var entry = await EntryAsync(tenant);
        var name = SqlIdentifier.Quote(tenant.DatabaseName!);
        foreach (var statement in new[] { $"DROP DATABASE {name} WITH (FORCE)", $"CREATE DATABASE {name}" })
        {
            await PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"), statement, Cancellation);
        }

        await RefusesAsync(entry, TenantRefusal.NotReady);

        Assert.Equal(TenantState.Unmanaged, (await RowAsync(tenant.Id)).State);
        Assert.Equal(0, Gate.Count);
    }

    /// <summary>From the commit of any program to the refusal of the next request.</summary>
    [Fact]
    public async Task Open_ChangedByAnyProgram_HoldsWithinAQuarterOfASecond()
    {
        var tenant = await ReadyAsync(NewName("pronto"));
        var entry = await EntryAsync(tenant);
        await using var program =
            await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
        var times = new List<double>();
        for (var turn = 0; turn < 20; turn++)
        {
            var active = turn % 2 == 1;
            await using var change = new NpgsqlCommand(
                $"UPDATE clientes_saas SET is_active = {active} WHERE id = {tenant.Id}", program);
            await change.ExecuteNonQueryAsync(Cancellation);
            var committed = Stopwatch.GetTimestamp();
            await Eventually.HoldsAsync("the change holds", async () =>
            {
                try
                {
                    await using var session = await Sessions.OpenAsync(entry, Cancellation);
                    return active;
                }
                catch (TenantRefusedException)
                {
                    return !active;
                }
            }, Cancellation, every: TimeSpan.FromMilliseconds(1));
            times.Add(Stopwatch.GetElapsedTime(committed).TotalMilliseconds);
        }

        Assert.InRange(times.Max(), 0, 250);
    }
}
