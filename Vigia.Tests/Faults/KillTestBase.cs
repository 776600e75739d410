using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.SchemaUpgrades;

namespace Vigia.Tests.Faults;

/// <summary>
/// Kills a real portal process (kill -9) after a step has done its work and before this is recorded. The next process
/// continues and is killed at a later step, until the last one ends the operation. Then registry, <c>pg_database</c>
/// and <c>pg_roles</c> must agree.
/// </summary>
public abstract class KillTestBase(PostgresServer server) : CoreTestBase(server)
{
    private const long GateKey = 4_711;

    private static bool EveryStep => Environment.GetEnvironmentVariable("VIGIA_FAULT_ROUNDS") is not null;

    protected override bool Workers => false;

    protected override void Configure(IServiceCollection services) => NextBuild.Use(services);

    /// <summary>Kills at a third of the steps, or with <c>script/test --faults</c> at each step.</summary>
    protected async Task KillAtEachStepAsync(Guid operation, IReadOnlyList<string> steps)
    {
        foreach (var step in steps.Where((_, i) => i % 3 == 1 || EveryStep))
        {
            await using var gate =
                await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
            await ExecuteAsync(gate, GateAt(step));
            await using var portal = await StartPortalAsync();
            await StandsAtGateAsync(portal, operation, step);
            await portal.KillAsync(Cancellation);
            await ExecuteAsync(gate, "SELECT pg_advisory_unlock_all()");
            await Eventually.HoldsAsync("nobody stands there any more", async () =>
                await Host.ScalarAsync<long>(
                    "postgres",
                    $"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {GateKey}") == 0,
                Cancellation);
            await ExecuteAsync(gate, "DROP TRIGGER test_gate ON portal.operation_steps");
        }

        await using (await StartWorkersAsync())
        {
            var ended = await Host.EndOfAsync(operation);
            Assert.True(ended.State == OperationState.Succeeded, $"{ended.State}: {ended.Error}");
        }

        await WorldCheck.AssertAgreesAsync(Host);
    }

    protected async Task StandsAtGateAsync(PortalProcess portal, Guid operation, string step) =>
        await Eventually.HoldsAsync($"the portal stands at the end of {step}", async () =>
        {
            Assert.False(portal.HasExited, portal.Error);
            var now = await Host.Get<OperationService>().GetAsync(Host.Admin, operation, Cancellation);
            Assert.True(now.State is OperationState.Queued or OperationState.Running, $"{now.State}: {now.Error}");
            return await Host.ScalarAsync<long>(
                "postgres",
                "SELECT count(*) FROM pg_locks "
                + $"WHERE locktype = 'advisory' AND objid = {GateKey} AND NOT granted") > 0;
        }, Cancellation, TimeSpan.FromSeconds(60));

    protected static async Task SignalAsync(string signal, PortalProcess portal) =>
        await ServerUser.Current.RunAsync("kill", [$"-{signal}", $"{portal.Id}"], Cancellation);

    // The session that records the step as done waits for a lock that the test holds: the work is done, but not
    // recorded.
    protected static string GateAt(string step) =>
        $"""
        CREATE OR REPLACE FUNCTION test_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_advisory_xact_lock({GateKey});
            RETURN NEW;
        END $$;
        CREATE TRIGGER test_gate BEFORE UPDATE ON portal.operation_steps FOR EACH ROW
            WHEN (NEW.name = '{step}' AND NEW.state = 'done' AND OLD.state <> 'done') EXECUTE FUNCTION test_gate();
        SELECT pg_advisory_lock({GateKey});
        """;

    protected static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    protected async Task<Tenant> ProvisionAsync(string name, string environment)
    {
        await using var workers = await StartWorkersAsync();
        return await ProvisionWithAsync(name, environment);
    }

    protected async Task<Tenant> ProvisionWithAsync(string name, string environment = "demo")
    {
        var registered = await Host.Get<TenantRegistration>().RegisterAsync(
            Host.Admin, Request(name, r => r with { Provision = true }, d => d with { Environment = environment }),
            Cancellation);
        var operation = await Host.EndOfAsync(registered.OperationId!.Value);
        Assert.True(operation.State == OperationState.Succeeded, $"{operation.Error}");
        return await RowAsync(registered.TenantId);
    }

    /// <summary>
    /// Starts an instance in this process, for work that nothing interrupts. It takes far less time than another
    /// process.
    /// </summary>
    protected Task<CoreHost> StartWorkersAsync() => CoreHost.StartAsync(
        Server, workers: true,
        services =>
        {
            Configure(services);
            services.Configure<IsolationOptions>(options => (options.KeepReplacedRoleFor, options.LookAgainAfter) =
                (TimeSpan.Zero, TimeSpan.FromSeconds(0.2)));
        },
        Host.Master, change: Change);

    /// <summary>More settings of the process that is killed.</summary>
    protected virtual IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>();

    protected async Task<PortalProcess> StartPortalAsync()
    {
        var portal = PortalProcess.Start([], new Dictionary<string, string>(
            NextBuildStartup.Variables.Concat(Variables).ToDictionary())
        {
            ["MASTER_DATABASE_URL"] = Host.Master.ToTextWithPassword(),
            ["TENANT_DB_TEMPLATE"] = Server.PortalUrl("db_name").ToTextWithPassword()
                .Replace("db_name", "{db_name}", StringComparison.Ordinal),
            ["SAAS_BASE_DOMAIN"] = "vigia.test",
            ["SECRET_KEY"] = CoreHost.Secret,

            // No pages, because nobody opens them here.
            ["VIGIA_ROLES"] = "worker",
            ["Adoption__Enabled"] = "true",
            ["Operations__Lease"] = "00:00:02",
            ["Operations__Renewal"] = "00:00:00.5",
            ["Operations__Poll"] = "00:00:00.5",
            ["Isolation__KeepReplacedRoleFor"] = "00:00:00",
            ["Isolation__LookAgainAfter"] = "00:00:00.2",
        });
        await portal.WaitUntilReadyAsync(Cancellation);
        return portal;
    }
}
