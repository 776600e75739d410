using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Internal;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.TenantSchema;

namespace Vigia.Tests.Lifecycle.SchemaUpgrades;

/// <summary>
/// The build that follows this one. It has one more migration of the tenants' databases, which exists only in the
/// tests. For a portal of that build the databases of this build are outdated, and it upgrades them.
/// </summary>
public static class NextBuild
{
    /// <summary>The versions of this build and one more.</summary>
    public static TenantSchemaVersions Versions { get; } = new(Open<Next>);

    /// <summary>Makes a portal a portal of the next build.</summary>
    public static void Use(IServiceCollection services) => services.AddSingleton(Versions);

    /// <summary>A context without a database, with this build's migrations and one more.</summary>
    public static TenantContext Open<T>()
        where T : Migration =>
        new(new DbContextOptionsBuilder<TenantContext>()
            .UseNpgsql(n => n.MigrationsHistoryTable("__EFMigrationsHistory", "public"))
            .ReplaceService<IMigrationsAssembly, OneMore<T>>().Options);

#pragma warning disable EF1001 // There is no public class to derive from.
    private sealed class OneMore<T>(
        ICurrentDbContext context, IDbContextOptions options, IMigrationsIdGenerator ids,
        IDiagnosticsLogger<DbLoggerCategory.Migrations> logger) : MigrationsAssembly(context, options, ids, logger)
        where T : Migration
    {
        public override IReadOnlyDictionary<string, TypeInfo> Migrations =>
            new SortedList<string, TypeInfo>(base.Migrations.ToDictionary(), StringComparer.Ordinal)
            {
                [typeof(T).GetCustomAttribute<MigrationAttribute>()!.Id] = typeof(T).GetTypeInfo(),
            };
    }
#pragma warning restore EF1001
}

/// <summary>
/// Two statements, so that the migration can fail between them. Its version is the one after this build's, so it
/// increases when the product gets another migration.
/// </summary>
[DbContext(typeof(TenantContext))]
[Migration("99980101000000_Next")]
[SchemaVersion(2)]
public sealed class Next : Migration
{
    public const string Index = "products_next_note_idx";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>(
            name: "next_note", table: "products", type: "text", nullable: true);
        migrationBuilder.CreateIndex(name: Index, table: "products", column: "next_note");
    }
}
