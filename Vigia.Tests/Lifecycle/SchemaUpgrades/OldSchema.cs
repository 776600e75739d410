using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.SchemaUpgrades;

/// <summary>
/// Databases with the schema of this build, for a portal of the next build (<see cref="NextBuild"/>).
/// </summary>
public static class OldSchema
{
    /// <summary>The version of this build, which is the one before the next build's.</summary>
    public static int Version => TenantSchemaVersions.OfThisBuild.Head;

    /// <summary>
    /// Recreates a ready tenant's database with the schema of this build and its administrator, and updates the
    /// registry.
    /// </summary>
    public static Task MakeAsync(CoreHost host, Tenant tenant, CancellationToken cancellationToken) =>
        MakeAsync(host.Server, host.Master, tenant.Id, tenant.DatabaseName!, cancellationToken);

    /// <inheritdoc cref="MakeAsync(CoreHost, Tenant, CancellationToken)"/>
    public static async Task MakeAsync(
        PostgresServer server, PostgresUrl master, int tenantId, string database, CancellationToken cancellationToken)
    {
        await MakeAsync(server, database, cancellationToken);
        await RegisterAsync(server, master, tenantId, Version, cancellationToken);
    }

    /// <summary>Writes a version into the registry, no matter which version the tenant's database has.</summary>
    public static Task RegisterAsync(CoreHost host, int tenantId, int version, CancellationToken cancellationToken) =>
        RegisterAsync(host.Server, host.Master, tenantId, version, cancellationToken);

    private static Task RegisterAsync(
        PostgresServer server, PostgresUrl master, int tenantId, int version, CancellationToken cancellationToken) =>
        PostgresServer.ExecuteAsync(
        server.SuperuserUrl(master.Database),
        $"UPDATE clientes_saas SET schema_version = {version} WHERE id = {tenantId}; "
        + $"UPDATE portal.databases SET schema_version = {version} WHERE tenant_id = {tenantId}",
        cancellationToken);

    private static async Task MakeAsync(PostgresServer server, string database, CancellationToken cancellationToken)
    {
        await using var session = await PostgresServer.OpenAsync(server.PortalUrl(database), cancellationToken);
        await ExecuteAsync(session, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", cancellationToken);
        await new TenantMigrator(TenantSchemaVersions.OfThisBuild)
            .MigrateAsync(session, TimeSpan.FromSeconds(10), cancellationToken);
        await ExecuteAsync(session,
            "INSERT INTO public.users (email, hashed_password, is_active, roles) "
            + "VALUES ('admin@antes.pe', '-', true, ARRAY['admin'])", cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
