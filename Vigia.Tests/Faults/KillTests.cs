using System.Globalization;
using Npgsql;
using Vigia.Core.Credentials;
using Vigia.Core.Deletion;
using Vigia.Core.Fleet;
using Vigia.Core.Operations;
using Vigia.Core.TenantDatabase;
using Vigia.Core.Tenants;
using Vigia.Tests.Fleet;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Faults;

/// <summary>
/// kill -9 of a real portal process after the work of each step and before that is recorded; the next process goes on and is killed at the
/// next step, until the last one ends the operation. Then registry, <c>pg_database</c> and <c>pg_roles</c> must tell one story.
/// </summary>
public sealed class KillTests(PostgresServer server) : CoreClass(server)
{
    private const long GateKey = 4_711;

    protected override bool Workers => false;

    [Fact]
    public async Task Provisioning_KilledAtEachStep_EndsReady()
    {
        var registered = await Host.Get<TenantRegistration>().RegisterAsync(Host.Admin, Request(NewName("muere"), r => r with { Provision = true }), Cancellation);

        await KillAtEachStepAsync(registered.OperationId!.Value, ["reserve", "create_database", "init_schema", "isolate", "create_admin", "prove", "verify"]);

        Assert.Equal((TenantState.Ready, true), await RowAsync(registered.TenantId) is var row ? (row.State, row.IsActive) : default);
    }

    [Fact]
    public async Task DeletionAtOnce_KilledAtEachStep_EndsWithNothingLeft()
    {
        var tenant = await ProvisionAsync(NewName("borrado"), "demo");
        var operation = await Host.Get<TenantDeletion>().DeleteAsync(Host.Admin, tenant.Id, new HardDelete(tenant.Subdomain!, "fin", CoreHost.AdminPassword, 0), Cancellation);

        await KillAtEachStepAsync(operation, ["block", "terminate", "trash", "drop_database", "drop_roles", "certificate"]);

        Assert.Equal(0L, await Host.ScalarAsync<long>("postgres", $"SELECT count(*) FROM pg_database WHERE datname LIKE '%{tenant.Subdomain}'"));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.purged"));
    }

    [Fact]
    public async Task Undo_KilledAtEachStep_EndsAsItWas()
    {
        // What puts it there is killed at each step above.
        Tenant tenant;
        await using (await StartPortalAsync())
        {
            tenant = await ProvisionWithAsync(NewName("vuelto"), "produccion");
            var delete = await Host.Get<TenantDeletion>().DeleteAsync(Host.Admin, tenant.Id, new HardDelete(tenant.Subdomain!, "fin", CoreHost.AdminPassword), Cancellation);
            Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(delete)).State);
        }

        var restore = await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation);

        await KillAtEachStepAsync(restore, ["rename", "open", "migrate", "verify", "prove", "return"]);

        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true, tenant.DatabaseName), (row.State, row.IsActive, row.DatabaseName));
    }

    [Fact]
    public async Task Rotation_KilledAtEachStep_EndsWithOneRole()
    {
        var tenant = await ProvisionAsync(NewName("rotado"), "produccion");
        var operation = await Host.Get<CredentialService>().RotateAsync(Host.Admin, tenant.Id, "cambio", Cancellation);

        await KillAtEachStepAsync(operation, ["new_role", "switch_role", "old_sessions", "drop_old_role"]);

        Assert.Equal(1L, await Host.ScalarAsync<long>(Host.Master.Database, $"SELECT count(*) FROM portal.tenant_credentials WHERE tenant_id = {tenant.Id} AND is_current AND number > 1"));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.credential_rotated"));
    }

    [Fact]
    public async Task ManySuspended_KilledInTheMiddle_EachIsDoneOnce()
    {
        var ids = await Host.AddActiveAsync(12);
        var operation = await Host.Get<TenantBulk>().StartAsync(Host.Admin, new TenantBulkRequest(Suspends: true, "seguridad"), ids, Cancellation);
        foreach (var at in new[] { 3, 8 })
        {
            await using var gate = await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
            await ExecuteAsync(gate, $"BEGIN; SELECT FROM clientes_saas WHERE id = {ids[at]} FOR UPDATE");
            await using var portal = await StartPortalAsync();
            await Eventually.HoldsAsync($"{at} are done", async () =>
                await Host.ScalarAsync<long>(Host.Master.Database, "SELECT count(*) FROM portal.operation_items WHERE state = 'done'") == at, Cancellation, TimeSpan.FromSeconds(60));
            await portal.KillAsync(Cancellation);
        }

        await using (await StartPortalAsync())
        {
            var ended = await Host.EndOfAsync(operation);
            Assert.True(ended.State == OperationState.Succeeded, $"{ended.State}: {ended.Error}");
        }

        foreach (var id in ids)
        {
            Assert.False((await RowAsync(id)).IsActive);
            Assert.Equal(1, await RecordsAsync(id, "tenant.suspended"));
        }
    }

    [Fact]
    public async Task OneBroughtUp_KilledAtEachStep_EndsAtTheNewSchema()
    {
        var tenant = await ProvisionAsync(NewName("sube"), "produccion");
        await OldSchema.MakeAsync(Host, tenant, Cancellation);
        var operation = await Host.Get<SchemaUpgrade>().StartOneAsync(Host.Admin, tenant.Id, Cancellation);

        await KillAtEachStepAsync(operation, ["migrate", "check"]);

        Assert.Equal(TenantSchema.HeadVersion, (await RowAsync(tenant.Id)).SchemaVersion);
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.schema_migrated"));
    }

    [Fact]
    public async Task ManyBroughtUp_KilledInTheMiddle_EachIsDoneOnce()
    {
        var tenants = new List<Tenant>();
        await using (await StartPortalAsync())
        {
            foreach (var i in Enumerable.Range(0, 4))
            {
                tenants.Add(await ProvisionWithAsync(NewName($"suben{i}")));
                await OldSchema.MakeAsync(Host, tenants[i], Cancellation);
            }
        }

        // One stands before a lock of its database, the others are done: then the process dies with both operations at work.
        await using var gate = await PostgresServer.OpenAsync(Server.SuperuserUrl(tenants[1].DatabaseName!), Cancellation);
        await ExecuteAsync(gate, "BEGIN; SELECT FROM public.\"__EFMigrationsHistory\"");
        var operation = await Host.Get<SchemaUpgrade>().StartAsync(Host.Admin, null, Cancellation);
        await using (var portal = await StartPortalAsync())
        {
            await Eventually.HoldsAsync("three are done and one waits", async () =>
                await Host.ScalarAsync<long>(Host.Master.Database, "SELECT count(*) FROM portal.operation_items WHERE state = 'done'") == 3
                && await Host.ScalarAsync<long>("postgres", "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'Vigia operation %' AND wait_event_type = 'Lock'") == 1,
                Cancellation, TimeSpan.FromSeconds(60));
            await portal.KillAsync(Cancellation);
        }

        await gate.DisposeAsync();
        await using (await StartPortalAsync())
        {
            var ended = await Host.EndOfAsync(operation);
            Assert.True(ended.State == OperationState.Succeeded, $"{ended.State}: {ended.Error}");
        }

        foreach (var tenant in tenants)
        {
            Assert.Equal(TenantSchema.HeadVersion, (await RowAsync(tenant.Id)).SchemaVersion);
            Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.schema_migrated"));
        }

        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Stopped_ThenTakenOver_WakesUpAndChangesNothing()
    {
        var registered = await Host.Get<TenantRegistration>().RegisterAsync(Host.Admin, Request(NewName("dormido"), r => r with { Provision = true }), Cancellation);
        await using var gate = await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
        await ExecuteAsync(gate, GateAt("create_database"));
        await using var sleeper = await StartPortalAsync();
        await StandsAtGateAsync(sleeper, registered.OperationId!.Value, "create_database");
        await SignalAsync("STOP", sleeper);
        await ExecuteAsync(gate, "SELECT pg_advisory_unlock_all()");

        await using var successor = await StartPortalAsync();
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(registered.OperationId!.Value)).State);
        await SignalAsync("CONT", sleeper);
        await Eventually.HoldsAsync("the sleeper notices", () => Task.FromResult(sleeper.Output.Contains("taken over", StringComparison.Ordinal)), Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(registered.OperationId!.Value)).State);
        Assert.Equal(1, await RecordsAsync(registered.TenantId, "tenant.provisioned"));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task AnyMoment_KilledAtRandom_EveryOperationEnds()
    {
        var rounds = int.Parse(Environment.GetEnvironmentVariable("VIGIA_FAULT_ROUNDS") ?? "1", CultureInfo.InvariantCulture);
        for (var round = 0; round < rounds; round++)
        {
            var asked = new List<Guid>();
            await using (var portal = await StartPortalAsync())
            {
                var old = await ProvisionWithAsync(NewName("azar"));
                asked.Add(await Host.Get<TenantDeletion>().DeleteAsync(Host.Admin, old.Id, new HardDelete(old.Subdomain!, "fin", CoreHost.AdminPassword, 0), Cancellation));
                asked.Add((await Host.Get<TenantRegistration>().RegisterAsync(Host.Admin, Request(NewName("azar"), r => r with { Provision = true }), Cancellation)).OperationId!.Value);
#pragma warning disable CA5394 // A moment, no secret.
                var moment = TimeSpan.FromMilliseconds(Random.Shared.Next(0, 400));
#pragma warning restore CA5394
                using var clock = new PeriodicTimer(moment + TimeSpan.FromMilliseconds(1));
                await clock.WaitForNextTickAsync(Cancellation);
                await portal.KillAsync(Cancellation);
            }

            await using (await StartPortalAsync())
            {
                foreach (var operation in asked)
                {
                    var ended = await Host.EndOfAsync(operation);
                    Assert.True(ended.State == OperationState.Succeeded, $"{ended.Kind} {ended.State}: {ended.Error}");
                }
            }

            await WorldCheck.AssertAgreesAsync(Host);
        }
    }

    private async Task KillAtEachStepAsync(Guid operation, IReadOnlyList<string> steps)
    {
        foreach (var step in steps)
        {
            await using var gate = await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
            await ExecuteAsync(gate, GateAt(step));
            await using var portal = await StartPortalAsync();
            await StandsAtGateAsync(portal, operation, step);
            await portal.KillAsync(Cancellation);
            await ExecuteAsync(gate, "SELECT pg_advisory_unlock_all()");
            await Eventually.HoldsAsync("nobody stands there any more", async () =>
                await Host.ScalarAsync<long>("postgres", $"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {GateKey}") == 0, Cancellation);
            await ExecuteAsync(gate, "DROP TRIGGER test_gate ON portal.operation_steps");
        }

        await using (await StartPortalAsync())
        {
            var ended = await Host.EndOfAsync(operation);
            Assert.True(ended.State == OperationState.Succeeded, $"{ended.State}: {ended.Error}");
        }

        await WorldCheck.AssertAgreesAsync(Host);
    }

    private async Task StandsAtGateAsync(PortalProcess portal, Guid operation, string step) =>
        await Eventually.HoldsAsync($"the portal stands at the end of {step}", async () =>
        {
            Assert.False(portal.HasExited, portal.Error);
            var now = await Host.Get<OperationService>().GetAsync(Host.Admin, operation, Cancellation);
            Assert.True(now.State is OperationState.Queued or OperationState.Running, $"{now.State}: {now.Error}");
            return await Host.ScalarAsync<long>("postgres", $"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {GateKey} AND NOT granted") > 0;
        }, Cancellation, TimeSpan.FromSeconds(60));

    private static async Task SignalAsync(string signal, PortalProcess portal) => await Vigia.Core.Postgres.ServerUser.Current.RunAsync("kill", [$"-{signal}", $"{portal.Id}"], Cancellation);

    // Whoever records that the step is done waits for a lock that the test holds: the work is there, the record is not.
    private static string GateAt(string step) =>
        $"""
        CREATE OR REPLACE FUNCTION test_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock({GateKey}); RETURN NEW; END $$;
        CREATE TRIGGER test_gate BEFORE UPDATE ON portal.operation_steps FOR EACH ROW
            WHEN (NEW.name = '{step}' AND NEW.state = 'done' AND OLD.state <> 'done') EXECUTE FUNCTION test_gate();
        SELECT pg_advisory_lock({GateKey});
        """;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private async Task<Tenant> ProvisionAsync(string name, string environment)
    {
        await using var portal = await StartPortalAsync();
        return await ProvisionWithAsync(name, environment);
    }

    private async Task<Tenant> ProvisionWithAsync(string name, string environment = "demo")
    {
        var registered = await Host.Get<TenantRegistration>().RegisterAsync(
            Host.Admin, Request(name, r => r with { Provision = true }, d => d with { Environment = environment }), Cancellation);
        var operation = await Host.EndOfAsync(registered.OperationId!.Value);
        Assert.True(operation.State == OperationState.Succeeded, $"{operation.Error}");
        return await RowAsync(registered.TenantId);
    }

    private async Task<PortalProcess> StartPortalAsync()
    {
        var portal = PortalProcess.Start([], new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = Host.Master.ToTextWithPassword(),
            ["TENANT_DB_TEMPLATE"] = Server.PortalUrl("db_name").ToTextWithPassword().Replace("db_name", "{db_name}", StringComparison.Ordinal),
            ["SAAS_BASE_DOMAIN"] = "vigia.test",
            ["SECRET_KEY"] = CoreHost.Secret,
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
