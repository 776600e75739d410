using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Faults;

/// <summary>
/// Faults of the server during an operation. Each is really caused, on a server that belongs to the test.
/// </summary>
public sealed class ServerFaultTests
{
    private static int _ruc = 30_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Provisioning_ServerStoppedAndStarted_ContinuesByItself()
    {
        await using var server = await PostgresServer.StartNewAsync(new PostgresServerOptions());
        await using var host = await CoreHost.StartAsync(server);
        await using var gate = await PostgresServer.OpenAsync(server.SuperuserUrl(host.Master.Database), Cancellation);
        await using (var block =
            new Npgsql.NpgsqlCommand("BEGIN; LOCK TABLE portal.tenant_credentials IN ACCESS EXCLUSIVE MODE", gate))
        {
            await block.ExecuteNonQueryAsync(Cancellation);
        }

        var operation = await RegisterAsync(host, "parado");
        await Eventually.HoldsAsync("it stands at isolate", async () =>
            await host.ScalarAsync<long>(
                "postgres", "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'") > 0,
                Cancellation);
        await server.RestartAsync(immediate: true, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await EndAsync(host, operation)).State);
        await WorldCheck.AssertAgreesAsync(host);
    }

    [Fact]
    public async Task Provisioning_ServerOutOfConnections_WaitsAndContinues()
    {
        await using var server = await PostgresServer.StartNewAsync(new PostgresServerOptions { MaxConnections = 40 });
        await using var host = await CoreHost.StartAsync(server);
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl("postgres"), $"ALTER ROLE {PostgresServer.PortalRole} CONNECTION LIMIT 20",
            Cancellation);
        var hogs = new List<Npgsql.NpgsqlConnection>();
        var operation = Guid.Empty;
        try
        {
            await host.PauseWorkersAsync(true);
            operation = await RegisterAsync(host, "lleno");
            await FillUpAsync(server, hogs);
            await PostgresServer.ExecuteAsync(
                server.SuperuserUrl(host.Master.Database), "UPDATE portal.instance SET workers_paused = false",
                Cancellation);
            await Eventually.HoldsAsync("it was refused once", async () =>
                await host.ScalarAsync<long>(
                    host.Master.Database,
                    $"""
                    SELECT count(*) FROM portal.operations
                    WHERE id = '{operation}' AND (attempt > 0 OR error IS NOT NULL OR epoch > 0)
                    """) > 0, Cancellation);
        }
        finally
        {
            foreach (var hog in hogs)
            {
                await hog.DisposeAsync();
            }
        }

        Assert.Equal(OperationState.Succeeded, (await EndAsync(host, operation)).State);
        await WorldCheck.AssertAgreesAsync(host);
    }

    // Somebody changes the password, pg_hba.conf or the role, and notices later. Nothing was tried in the meantime, so
    // it may last longer than the attempts that an operation has.
    [Fact]
    public async Task Provisioning_TheServerLetsTheRoleNotIn_WaitsForAsLongAsThatLasts()
    {
        await using var server = await PostgresServer.StartNewAsync(new PostgresServerOptions());
        await using var host = await CoreHost.StartAsync(server, configure: services =>
            services.Configure<OperationOptions>(o => (o.MaxAttempts, o.MaxCrashes) = (1, 1)));
        await host.Get<WorkerSwitch>().PauseWorkersAsync(host.Admin, true, Cancellation);
        var operation = await RegisterAsync(host, "sin-entrada");
        var (superuser, role) = (server.SuperuserUrl("postgres"), PostgresServer.PortalRole);
        await PostgresServer.ExecuteAsync(superuser, $"ALTER ROLE {role} NOLOGIN", Cancellation);
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl(host.Master.Database), "UPDATE portal.instance SET workers_paused = false",
            Cancellation);
        await Eventually.HoldsAsync("it was claimed again and again", async () =>
            await host.ScalarAsync<long>(
                host.Master.Database, $"SELECT epoch FROM portal.operations WHERE id = '{operation}'") > 3,
            Cancellation);
        Assert.Equal("server_login_refused", await host.ScalarAsync<string>(
            host.Master.Database, $"SELECT error ->> 'Code' FROM portal.operations WHERE id = '{operation}'"));

        await PostgresServer.ExecuteAsync(superuser, $"ALTER ROLE {role} LOGIN", Cancellation);

        Assert.Equal(OperationState.Succeeded, (await EndAsync(host, operation)).State);
        await WorldCheck.AssertAgreesAsync(host);
    }

    [Fact]
    public async Task Provisioning_RoleWithoutCreateDb_NamesTheGrantAndCanBeRetried()
    {
        await using var server = await PostgresServer.StartNewAsync(new PostgresServerOptions());
        await using var host = await CoreHost.StartAsync(server);
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl("postgres"), $"ALTER ROLE {PostgresServer.PortalRole} NOCREATEDB", Cancellation);

        var operation = await host.EndOfAsync(await RegisterAsync(host, "sin-permiso"));

        Assert.Equal((OperationState.Failed, "server_privilege_missing"), (operation.State, operation.Error!.Code));
        Assert.Contains("CREATEDB", operation.Error.RenderAdvice(), StringComparison.Ordinal);
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl("postgres"), $"ALTER ROLE {PostgresServer.PortalRole} CREATEDB", Cancellation);
        await host.Get<OperationService>().RetryAsync(host.Admin, operation.Id, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await host.EndOfAsync(operation.Id)).State);
        await WorldCheck.AssertAgreesAsync(host);
    }

    [Fact]
    [Trait("needs", "mount")]
    public async Task Provisioning_DiskFull_SaysSoAndContinuesWhenThereIsRoom()
    {
        await using var server = await PostgresServer.StartNewAsync(new PostgresServerOptions { DiskSize = 96 });
        await using var host = await CoreHost.StartAsync(server);
        Assert.Equal(OperationState.Succeeded, (await EndAsync(host, await RegisterAsync(host, "cabe"))).State);
        await host.PauseWorkersAsync(true);
        var operation = await RegisterAsync(host, "no-cabe");

        // The index of delayed operations has no page yet, and a full disk gives it none.
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl(host.Master.Database),
            $"""
            UPDATE portal.operations SET not_before = clock_timestamp() + interval '1 hour' WHERE id = '{operation}';
            UPDATE portal.operations SET not_before = NULL WHERE id = '{operation}'
            """, Cancellation);

        // A new database has sparse files that are filled later, so only a disk that is nearly full refuses them.
        server.FillDisk();
        object? seen = null;
        try
        {
            await host.PauseWorkersAsync(false);
            await Eventually.HoldsAsync("the full disk is said", async () =>
            {
                try
                {
                    var error = (await host.Get<OperationService>().GetAsync(host.Admin, operation, Cancellation))
                        .Error;
                    seen = error;
                    return error?.Code == "server_disk_full";
                }
                catch (Npgsql.NpgsqlException e)
                {
                    // A new session may want to write a cache of the catalogue.
                    seen = e.Message;
                    return false;
                }
            }, Cancellation, seen: () => $"{seen}");
            server.FreeDisk();

            Assert.Equal(OperationState.Succeeded, (await EndAsync(host, operation)).State);
        }
        finally
        {
            server.FreeDisk();
        }

        await WorldCheck.AssertAgreesAsync(host);
    }

    [Fact]
    public async Task Provisioning_SlowServer_KeepsItsLeaseAndIsDoneOnce()
    {
        await using var server = await PostgresServer.StartNewAsync(new PostgresServerOptions());
        await using var host = await CoreHost.StartAsync(server);
        await using var hold = await HoldDatabaseCreationAsync(server);
        var operation = await RegisterAsync(host, "lento");
        await StandsAtCreationAsync(host);

        // The step does not return for the time of two leases. The worker is alive and keeps its claim.
        await Eventually.HoldsAsync("two leases have passed", async () =>
            await host.ScalarAsync<long>(
                host.Master.Database,
                "SELECT count(*) FROM portal.operations "
                + $"WHERE id = '{operation}' AND now() - created_at > interval '7 seconds'") == 1, Cancellation);
        await using (var other = await CoreHost.StartAsync(server, workers: false, master: host.Master))
        {
            Assert.Null(await other.Get<OperationClaims>().TryClaimAsync(Cancellation));
        }

        await hold.DisposeAsync();
        var ended = await EndAsync(host, operation);
        Assert.Equal((OperationState.Succeeded, 1L), (ended.State, ended.Epoch));
        await WorldCheck.AssertAgreesAsync(host);
    }

    [Fact]
    public async Task Provisioning_CancelledInsideAStep_LeavesNothingAndCanBeRepeated()
    {
        await using var server = await PostgresServer.StartNewAsync(new PostgresServerOptions());
        await using var host = await CoreHost.StartAsync(server);
        await host.EndOfAsync(await RegisterAsync(host, "con-plantilla"));
        Guid operation;
        await using (await HoldDatabaseCreationAsync(server))
        {
            operation = await RegisterAsync(host, "a-medias");
            await StandsAtCreationAsync(host);
            await host.Get<OperationService>().CancelAsync(host.Admin, operation, Cancellation);
        }

        Assert.Equal(OperationState.Cancelled, (await host.EndOfAsync(operation)).State);
        Assert.Equal(0L, await host.ScalarAsync<long>(
            "postgres",
            "SELECT count(*) FROM pg_database WHERE datname = 'vigia_a-medias' OR datname LIKE 'vigia\\_new%'"));
        var tenant = await host.ScalarAsync<int>(
            host.Master.Database, "SELECT id FROM clientes_saas WHERE subdominio = 'a-medias'");
        var again = await host.Get<TenantProvisioning>().ProvisionAsync(host.Admin, tenant, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await host.EndOfAsync(again)).State);
        await WorldCheck.AssertAgreesAsync(host);
    }

    [Fact]
    public async Task Queue_WithoutNotifications_IsStillProcessed()
    {
        await using var server = await PostgresServer.StartNewAsync(new PostgresServerOptions());
        await using var host = await CoreHost.StartAsync(server);
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl(host.Master.Database), "ALTER TABLE portal.operations DISABLE TRIGGER USER",
            Cancellation);

        Assert.Equal(OperationState.Succeeded, (await host.EndOfAsync(await RegisterAsync(host, "sordo"))).State);
    }

    [Fact]
    public async Task Provisioning_TemplateHeldByASession_WaitsAndContinues()
    {
        await using var server = await PostgresServer.StartNewAsync(new PostgresServerOptions());
        await using var host = await CoreHost.StartAsync(server);
        await host.EndOfAsync(await RegisterAsync(host, "primero"));
        var template = await host.ScalarAsync<string>(
            "postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'vigia\\_template%'");
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl("postgres"), $"ALTER DATABASE {SqlIdentifier.Quote(template!)} ALLOW_CONNECTIONS true",
            Cancellation);
        var held = await PostgresServer.OpenAsync(server.SuperuserUrl(template!), Cancellation);

        var operation = await RegisterAsync(host, "segundo");
        await Eventually.HoldsAsync("it was refused once", async () =>
            (await host.Get<OperationService>().GetAsync(host.Admin, operation, Cancellation)).Attempt > 0
            || (await host.Get<OperationService>().GetAsync(host.Admin, operation, Cancellation)).Error is not null,
            Cancellation);
        await held.DisposeAsync();

        Assert.Equal(OperationState.Succeeded, (await EndAsync(host, operation)).State);
    }

    [Fact]
    public async Task Provisioning_ServerLog_ContainsNoPassword()
    {
        await using var server =
            await PostgresServer.StartNewAsync(
            new PostgresServerOptions
            {
                Settings =
            ["log_statement = 'all'", "logging_collector = on", "log_directory = 'log'", "log_filename = 'all.log'"]
            });
        await using var host = await CoreHost.StartAsync(server);
        await host.EndOfAsync(await RegisterAsync(host, "callado"));

        var log = await host.ScalarAsync<string>("postgres", "SELECT pg_read_file('log/all.log')");
        await using var db = await host.OpenMasterAsync();
        var credential = db.Set<TenantCredential>().Single();
        Assert.Contains($"CREATE ROLE \"{credential.RoleName}\"", log, StringComparison.Ordinal);
        Assert.Contains("SCRAM-SHA-256$", log, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Get<TenantConnections>().Unprotect(credential), log, StringComparison.Ordinal);
    }

    private static async Task<Guid> RegisterAsync(CoreHost host, string subdomain) =>
        (await host.Get<TenantRegistration>().RegisterAsync(host.Admin, new RegisterTenant
        {
            Ruc = Rucs.Next(Interlocked.Increment(ref _ruc)),
            Subdomain = subdomain,
            Details = new TenantDetails
            {
                LegalName = subdomain, AccessEmail = $"a@{subdomain}.pe", Plan = "basico",
                Environment = "demo"
            },
        }, Cancellation)).OperationId!.Value;

    // The master may be unreachable during the query.
    private static async Task<Operation> EndAsync(CoreHost host, Guid id)
    {
        Operation? operation = null;
        await Eventually.HoldsAsync("the operation ends", async () =>
        {
            try
            {
                operation = await host.Get<OperationService>().GetAsync(host.Admin, id, Cancellation);
                return operation.State is OperationState.Succeeded or OperationState.Failed;
            }
            catch (Exception e) when (e is Npgsql.NpgsqlException or InvalidOperationException)
            {
                return false;
            }
        }, Cancellation, TimeSpan.FromSeconds(60));
        return operation!;
    }

    // CREATE DATABASE is blocked while this transaction is open.
    private static async Task<Npgsql.NpgsqlConnection> HoldDatabaseCreationAsync(PostgresServer server)
    {
        var hold = await PostgresServer.OpenAsync(server.SuperuserUrl("postgres"), Cancellation);
        await using var command =
            new Npgsql.NpgsqlCommand("BEGIN; LOCK TABLE pg_catalog.pg_database IN SHARE MODE", hold);
        await command.ExecuteNonQueryAsync(Cancellation);
        return hold;
    }

    private static Task StandsAtCreationAsync(CoreHost host) =>
        Eventually.HoldsAsync("it stands at CREATE DATABASE", async () =>
            await host.ScalarAsync<long>(
                "postgres",
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'pg_database'::regclass") > 0,
            Cancellation);

    private static async Task FillUpAsync(PostgresServer server, List<Npgsql.NpgsqlConnection> hogs)
    {
        while (true)
        {
            try
            {
                hogs.Add(await PostgresServer.OpenAsync(server.PortalUrl("postgres"), Cancellation));
            }
            catch (Npgsql.PostgresException e) when (e.SqlState == Npgsql.PostgresErrorCodes.TooManyConnections)
            {
                return;
            }
        }
    }
}
