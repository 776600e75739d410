using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.TenantDatabase;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Fleet;

/// <summary>Databases as an earlier build of the portal made them.</summary>
public static class OldSchema
{
    /// <summary>The version before this build's.</summary>
    public static int Version => TenantSchema.HeadVersion - 1;

    /// <summary>Makes a ready client's database anew as the build before this one did, with its administrator, and has the registry say so.</summary>
    public static Task MakeAsync(CoreHost host, Tenant tenant, CancellationToken cancellationToken) =>
        MakeAsync(host.Server, host.Master, tenant.Id, tenant.DatabaseName!, cancellationToken);

    /// <inheritdoc cref="MakeAsync(CoreHost, Tenant, CancellationToken)"/>
    public static async Task MakeAsync(PostgresServer server, PostgresUrl master, int tenantId, string database, CancellationToken cancellationToken)
    {
        await MakeAsync(server, database, cancellationToken);
        await RegisterAsync(server, master, tenantId, Version, cancellationToken);
    }

    /// <summary>Has the registry say that a client's database is at a version, whatever that says itself.</summary>
    public static Task RegisterAsync(CoreHost host, int tenantId, int version, CancellationToken cancellationToken) =>
        RegisterAsync(host.Server, host.Master, tenantId, version, cancellationToken);

    private static Task RegisterAsync(PostgresServer server, PostgresUrl master, int tenantId, int version, CancellationToken cancellationToken) => PostgresServer.ExecuteAsync(
        server.SuperuserUrl(master.Database),
        $"UPDATE clientes_saas SET schema_version = {version} WHERE id = {tenantId}; UPDATE portal.databases SET schema_version = {version} WHERE tenant_id = {tenantId}",
        cancellationToken);

    private static async Task MakeAsync(PostgresServer server, string database, CancellationToken cancellationToken)
    {
        await using var session = await PostgresServer.OpenAsync(server.PortalUrl(database), cancellationToken);
        await ExecuteAsync(session, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", cancellationToken);
        await using var db = TenantContextFactory.On(session);
        await db.GetService<IMigrator>().MigrateAsync(db.Database.GetMigrations().SkipLast(1).Last(), cancellationToken);
        await ExecuteAsync(session, "INSERT INTO public.users (email, hashed_password, is_active, roles) VALUES ('admin@antes.pe', '-', true, ARRAY['admin'])", cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
