using System.Data.Common;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Vigia.Core.Master;

/// <summary>How every master context is set up.</summary>
internal static class MasterSetup
{
    /// <summary>
    /// The model depends on Identity's schema version (3, for passkeys), which IdentityDbContext reads from the application's services:
    /// contexts made without an application get it from here, so that every context has the same model.
    /// </summary>
    public static readonly IServiceProvider IdentityModelServices = new ServiceCollection().Configure<IdentityOptions>(SetSchemaVersion).BuildServiceProvider();

    public static void SetSchemaVersion(IdentityOptions options) => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;

    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, NpgsqlDataSource source) =>
        options.UseNpgsql(source, npgsql => npgsql.MigrationsHistoryTable("migrations", MasterContext.Schema)).UseSnakeCaseNamingConvention();

    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, string connectionString) =>
        options.UseNpgsql(connectionString, npgsql => npgsql.MigrationsHistoryTable("migrations", MasterContext.Schema)).UseSnakeCaseNamingConvention();

    /// <summary>For migrations: on this open connection and no other (invariant 12).</summary>
    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, DbConnection connection) =>
        options.UseNpgsql(connection, npgsql => npgsql.MigrationsHistoryTable("migrations", MasterContext.Schema)).UseSnakeCaseNamingConvention();
}
