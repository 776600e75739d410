using Npgsql;
using Vigia.Core.Fleet;
using Vigia.Core.Operations;
using Vigia.Core.TenantDatabase;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Fleet;

/// <summary>A test on clients whose databases an earlier build made.</summary>
public abstract class FleetClass(PostgresServer server) : CoreClass(server)
{
    protected SchemaUpgrade Upgrade => Host.Get<SchemaUpgrade>();

    protected OperationService Operations => Host.Get<OperationService>();

    /// <summary>A ready client at the version before this build's.</summary>
    protected async Task<Tenant> BehindAsync(string stem, string environment = "produccion")
    {
        var tenant = await ReadyAsync(NewName(stem), environment);
        await OldSchema.MakeAsync(Host, tenant, Cancellation);
        return await RowAsync(tenant.Id);
    }

    protected async Task<Tenant[]> BehindAsync(int count)
    {
        var tenants = new List<Tenant>();
        foreach (var i in Enumerable.Range(0, count))
        {
            tenants.Add(await BehindAsync($"a{i}"));
        }

        return [.. tenants];
    }

    /// <summary>What the client's database says of itself.</summary>
    protected async Task<int> VersionAsync(Tenant tenant)
    {
        await using var session = await PostgresServer.OpenAsync(Server.SuperuserUrl(tenant.DatabaseName!), Cancellation);
        return await TenantSchema.GetVersionAsync(session, Cancellation);
    }

    /// <summary>The client's database, the registry and the list of databases agree.</summary>
    protected async Task AssertAtAsync(int version, params Tenant[] tenants)
    {
        foreach (var tenant in tenants)
        {
            var listed = await Host.ScalarAsync<int>(Host.Master.Database, $"SELECT schema_version FROM portal.databases WHERE tenant_id = {tenant.Id}");
            Assert.Equal((version, version, version), (await VersionAsync(tenant), (await RowAsync(tenant.Id)).SchemaVersion, listed));
        }
    }

    protected Task<long> CountAsync(string fromPortal) => Host.ScalarAsync<long>(Host.Master.Database, $"SELECT count(*) FROM portal.{fromPortal}");

    protected async Task<Dictionary<int, OperationItem>> ItemsAsync(Guid operation) =>
        (await Operations.ItemsAsync(Host.Support, operation, null, 1, 200, Cancellation)).Items.ToDictionary(i => i.TenantId);

    /// <summary>Waits until a client of an operation on many has a result, and returns it.</summary>
    protected async Task<OperationItem> ResultAsync(Guid operation, Tenant tenant)
    {
        OperationItem? item = null;
        await Eventually.HoldsAsync($"{tenant.Subdomain} has a result", async () => (item = (await ItemsAsync(operation))[tenant.Id]).State != OperationItemState.Pending, Cancellation);
        return item!;
    }

    /// <summary>As somebody's psql would: a transaction that has read the table of migrations, which every migration has to have for itself.</summary>
    protected async Task<NpgsqlConnection> HoldAsync(Tenant tenant)
    {
        var session = await PostgresServer.OpenAsync(Server.SuperuserUrl(tenant.DatabaseName!), Cancellation);
        await using var command = new NpgsqlCommand("BEGIN; SELECT FROM public.\"__EFMigrationsHistory\"", session);
        await command.ExecuteNonQueryAsync(Cancellation);
        return session;
    }

    /// <summary>A superuser's event trigger that lets nobody change the schema of the database.</summary>
    protected Task ForbidDdlAsync(Tenant tenant) => PostgresServer.ExecuteAsync(
        Server.SuperuserUrl(tenant.DatabaseName!),
        """
        CREATE SCHEMA test_guard;
        CREATE FUNCTION test_guard.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'frozen until the audit is over' USING ERRCODE = 'check_violation'; END $$;
        CREATE EVENT TRIGGER test_guard ON ddl_command_start EXECUTE FUNCTION test_guard.refuse();
        """, Cancellation);

    protected Task AllowDdlAsync(Tenant tenant) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl(tenant.DatabaseName!), "DROP EVENT TRIGGER test_guard; DROP SCHEMA test_guard CASCADE", Cancellation);

    /// <summary>How many of the operations begun by <paramref name="operation"/> stand before a lock in their client's database just now.</summary>
    protected Task<long> WaitingInTenantsAsync(Guid operation) => Host.ScalarAsync<long>(
        Host.Master.Database,
        $"""
        SELECT count(*) FROM pg_stat_activity a JOIN portal.operations o ON a.application_name = 'Vigia operation ' || o.id
        WHERE o.parent_id = '{operation}' AND a.wait_event_type = 'Lock' AND a.datname <> current_database()
        """);
}
