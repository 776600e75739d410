using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.SchemaUpgrades;

/// <summary>A test on tenants whose databases an earlier build created.</summary>
public abstract class SchemaUpgradeTestBase(PostgresServer server) : CoreTestBase(server)
{
    protected SchemaUpgradeService Upgrade => Host.Get<SchemaUpgradeService>();

    protected OperationService Operations => Host.Get<OperationService>();

    /// <summary>The version of the next build.</summary>
    protected static int Head => NextBuild.Versions.Head;

    protected override void Configure(IServiceCollection services) => NextBuild.Use(services);

    /// <summary>Returns a ready tenant at the previous version.</summary>
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

    /// <summary>Reads the version from the tenant's database.</summary>
    protected async Task<int> VersionAsync(Tenant tenant)
    {
        await using var session =
            await PostgresServer.OpenAsync(Server.SuperuserUrl(tenant.DatabaseName!), Cancellation);
        return await NextBuild.Versions.ReadAsync(session, Cancellation);
    }

    /// <summary>Asserts that the tenant's database, the registry and the list of databases agree.</summary>
    protected async Task AssertAtAsync(int version, params Tenant[] tenants)
    {
        foreach (var tenant in tenants)
        {
            var listed = await Host.ScalarAsync<int>(
                Host.Master.Database, $"SELECT schema_version FROM portal.databases WHERE tenant_id = {tenant.Id}");
            Assert.Equal((version, version, version),
                (await VersionAsync(tenant), (await RowAsync(tenant.Id)).SchemaVersion, listed));
        }
    }

    protected Task<long> CountAsync(string fromPortal) =>
        Host.ScalarAsync<long>(Host.Master.Database, $"SELECT count(*) FROM portal.{fromPortal}");

    protected async Task<Dictionary<int, OperationItem>> ItemsAsync(Guid operation) =>
        (await Host.Get<OperationResults>().ListAsync(Host.Support, operation, null, 1, 200, Cancellation)).Items
            .ToDictionary(i => i.TenantId);

    /// <summary>Waits until a tenant has a result in an operation on many, and returns it.</summary>
    protected async Task<OperationItem> ResultAsync(Guid operation, Tenant tenant)
    {
        OperationItem? item = null;
        await Eventually.HoldsAsync(
            $"{tenant.Subdomain} has a result",
            async () => (item = (await ItemsAsync(operation))[tenant.Id]).State != OperationItemState.Pending,
            Cancellation);
        return item!;
    }

    /// <summary>
    /// Opens a transaction that has read the table of migrations, as a person with psql could. Every migration needs an
    /// exclusive lock on that table.
    /// </summary>
    protected async Task<NpgsqlConnection> HoldAsync(Tenant tenant)
    {
        var session = await PostgresServer.OpenAsync(Server.SuperuserUrl(tenant.DatabaseName!), Cancellation);
        await using var command = new NpgsqlCommand("BEGIN; SELECT FROM public.\"__EFMigrationsHistory\"", session);
        await command.ExecuteNonQueryAsync(Cancellation);
        return session;
    }

    /// <summary>Creates a superuser's event trigger that forbids every change of the database's schema.</summary>
    protected Task ForbidDdlAsync(Tenant tenant) => PostgresServer.ExecuteAsync(
        Server.SuperuserUrl(tenant.DatabaseName!),
        """
        CREATE SCHEMA test_guard;
        CREATE FUNCTION test_guard.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'frozen until the audit is over' USING ERRCODE = 'check_violation';
        END $$;
        CREATE EVENT TRIGGER test_guard ON ddl_command_start EXECUTE FUNCTION test_guard.refuse();
        """, Cancellation);

    protected Task AllowDdlAsync(Tenant tenant) =>
        PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(tenant.DatabaseName!), "DROP EVENT TRIGGER test_guard; DROP SCHEMA test_guard CASCADE",
            Cancellation);

    /// <summary>
    /// Counts the operations begun by <paramref name="operation"/> that are waiting for a lock in their tenant's
    /// database.
    /// </summary>
    protected Task<long> WaitingInTenantsAsync(Guid operation) => Host.ScalarAsync<long>(
        Host.Master.Database,
        $"""
        SELECT count(*) FROM pg_stat_activity a
        JOIN portal.operations o ON a.application_name = 'Vigia operation ' || o.id
        WHERE o.parent_id = '{operation}' AND a.wait_event_type = 'Lock' AND a.datname <> current_database()
        """);
}
