using System.Data.Common;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Vigia.Core.Registry.Master;

/// <summary>The setup of all master contexts.</summary>
internal static class MasterSetup
{
    /// <summary>
    /// The model depends on the schema version of Identity (3, for passkeys), which IdentityDbContext reads from the
    /// application's services. Contexts that are created without an application get it from here, so that all contexts
    /// have the same model.
    /// </summary>
    public static readonly IServiceProvider IdentityModelServices = new ServiceCollection()
        .Configure<IdentityOptions>(SetSchemaVersion).BuildServiceProvider();

    public static void SetSchemaVersion(IdentityOptions options) =>
        options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;

    /// <summary>
    /// For contexts of an application, whose services have the <see cref="NpgsqlDataSource"/>, and for creating
    /// migrations, which works without a database. The data source is no part of the options, so all applications of
    /// one process share the model and the compiled queries.
    /// </summary>
    /// <remarks>A count that stops at a limit (<see cref="ListTotal"/>) has no order, and needs none.</remarks>
    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options) =>
        options.UseNpgsql(npgsql => npgsql.MigrationsHistoryTable("migrations", MasterContext.Schema)
                .ExecutionStrategy(dependencies => new StalePlanStrategy(dependencies)))
            .ConfigureWarnings(w => w.Ignore(CoreEventId.RowLimitingOperationWithoutOrderByWarning))
            .UseSnakeCaseNamingConvention();

    /// <summary>
    /// For applying migrations: works only on this open connection (docs/rules.md#no-database-by-accident).
    /// </summary>
    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, DbConnection connection) =>
        options.UseNpgsql(connection, npgsql => npgsql.MigrationsHistoryTable("migrations", MasterContext.Schema))
            .UseSnakeCaseNamingConvention();
}
