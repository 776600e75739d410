using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.TenantSchema;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// Copies a database that is migrated once in a run. Every master of the tests needs a template of its own, and
/// migrating one takes longer than most tests.
/// </summary>
internal sealed class CopiedDatabase(TenantMigrator migrator, TenantSchemaVersions versions, PostgresServer server)
    : EmptyDatabase(migrator)
{
    /// <summary>Makes a host copy its template, if its server has one to copy.</summary>
    public static void Use(IServiceCollection services, PostgresServer server)
    {
        if (server.IsShared)
        {
            services.AddSingleton<EmptyDatabase>(
                provider => ActivatorUtilities.CreateInstance<CopiedDatabase>(provider, server));
        }
    }

    public override async Task MakeAsync(
        OperationContext context, NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        var original = await server.CreateTenantOriginalAsync(
            versions.Head, unclaimed => base.MakeAsync(context, session, unclaimed, cancellationToken),
            cancellationToken);
        await using var copy = new NpgsqlCommand(
            $"CREATE DATABASE {SqlIdentifier.Quote(name)} TEMPLATE {SqlIdentifier.Quote(original)} STRATEGY file_copy",
            session);
        await copy.ExecuteNonQueryAsync(cancellationToken);
        await using var close = new NpgsqlCommand(
            $"REVOKE ALL ON DATABASE {SqlIdentifier.Quote(name)} FROM PUBLIC", session);
        await close.ExecuteNonQueryAsync(cancellationToken);
    }
}
