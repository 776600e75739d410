using System.Reflection;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Databases;
using Vigia.Core.TenantSchema;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.SchemaUpgrades;

namespace Vigia.Tests.TenantSchema;

/// <summary>The version of a tenant's database, and the migration to the next one.</summary>
public sealed class SchemaVersionTests(TenantDatabases databases) : IClassFixture<TenantDatabases>
{
    private static readonly TenantMigrator Migrator = new(NextBuild.Versions);
    private static readonly int Head = TenantSchemaVersions.OfThisBuild.Head;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void EveryMigration_HasAVersion_AndTheyAscend()
    {
        using var db = new TenantContextFactory().CreateDbContext([]);
        var numbers = db.GetService<IMigrationsAssembly>().Migrations.OrderBy(m => m.Key, StringComparer.Ordinal)
            .Select(m => m.Value.GetCustomAttribute<SchemaVersionAttribute>()?.Number ?? 0).ToList();

        Assert.True(numbers[0] > 0);
        Assert.All(numbers.Zip(numbers.Skip(1)), pair => Assert.True(pair.First < pair.Second, $"{pair}"));
        Assert.Equal(numbers[^1], Head);
        Assert.True(NextBuild.Versions.Head > Head);
    }

    [Fact]
    public void Migration_WithoutAVersionOrWithATakenOne_IsRefused()
    {
        Assert.Contains("states no version",
            Assert.Throws<InvalidOperationException>(
                () => new TenantSchemaVersions(NextBuild.Open<WithoutVersion>)).Message, StringComparison.Ordinal);
        Assert.Contains("comes before it",
            Assert.Throws<InvalidOperationException>(
                () => new TenantSchemaVersions(NextBuild.Open<WithTakenVersion>)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_Version_IsThatOfTheLastMigration()
    {
        var url = await databases.CreateAsync();
        await using var session = await PostgresServer.OpenAsync(url, Cancellation);
        Assert.Equal(Head, await TenantSchemaVersions.OfThisBuild.ReadAsync(session, Cancellation));

        await Migrator.MigrateAsync(session, TimeSpan.FromSeconds(10), Cancellation);

        // This build only knows that the database is newer, whatever its number.
        Assert.Equal(NextBuild.Versions.Head, await NextBuild.Versions.ReadAsync(session, Cancellation));
        Assert.True(await TenantSchemaVersions.OfThisBuild.ReadAsync(session, Cancellation) > Head);
        await AssertRefusedAsync("schema_newer", TenantSchemaVersions.OfThisBuild, session);

        await ExecuteAsync(session, "DELETE FROM public.\"__EFMigrationsHistory\"");
        Assert.Equal(0, await NextBuild.Versions.ReadAsync(session, Cancellation));
        await ExecuteAsync(session, "DROP TABLE public.\"__EFMigrationsHistory\"");
        Assert.Equal(0, await NextBuild.Versions.ReadAsync(session, Cancellation));
    }

    /// <summary>The nine tables of the first drafts: no released build knows that migration.</summary>
    [Fact]
    public async Task Upgrade_SchemaOfVersionOne_IsUnknownAndNotTouched()
    {
        var url = await databases.Server.CreateDatabaseAsync(null, null, Cancellation);
        await using (var session = await PostgresServer.OpenAsync(url, Cancellation))
        {
            await ExecuteAsync(session, ReadNineTables());
            var before = await FoundAsync(url);

            await AssertRefusedAsync("schema_unknown", TenantSchemaVersions.OfThisBuild, session);

            Assert.Equal(before, await FoundAsync(url));
            Assert.Contains("icsr", before);
            Assert.DoesNotContain("documentos", before);
        }

        await databases.Server.DropDatabaseAsync(url.Database, Cancellation);
    }

    [Fact]
    public async Task Upgrade_DatabaseWithData_KeepsTheData()
    {
        var url = await databases.CreateAsync();
        await using var session = await PostgresServer.OpenAsync(url, Cancellation);
        await ExecuteAsync(session, """
            UPDATE tenant_limits SET max_usuarios = 9;
            INSERT INTO users (email, hashed_password, roles) VALUES ('a@acme.pe', 'x', '{admin}');
            INSERT INTO products (nombre) VALUES ('Paracetamol 500 mg'), ('Ibuprofeno 400 mg');
            """);
        var before = await RowsAsync(url);

        await Migrator.MigrateAsync(session, TimeSpan.FromSeconds(10), Cancellation);

        Assert.Equal(NextBuild.Versions.Head, await NextBuild.Versions.ReadAsync(session, Cancellation));
        Assert.Equal(before, await RowsAsync(url));
        Assert.Equal(2, await TenantDatabases.ScalarAsync<long>(
            session, "SELECT count(*) FROM products WHERE next_note IS NULL"));
    }

    [Fact]
    public async Task Upgrade_FailsInTheMiddle_LeavesAWholeVersionAndCanBeRetried()
    {
        var url = await databases.CreateAsync();
        await using var session = await PostgresServer.OpenAsync(url, Cancellation);
        await ExecuteAsync(session, $"CREATE TABLE public.{Next.Index} ()");

        var failed = await Assert.ThrowsAsync<PostgresException>(
            () => Migrator.MigrateAsync(session, TimeSpan.FromSeconds(10), Cancellation));

        Assert.Equal(PostgresErrorCodes.DuplicateTable, failed.SqlState);
        Assert.Equal(Head, await NextBuild.Versions.ReadAsync(session, Cancellation));
        Assert.Equal(0, await TenantDatabases.ScalarAsync<long>(
            session, "SELECT count(*) FROM pg_attribute WHERE attname = 'next_note'"));

        await ExecuteAsync(session, $"DROP TABLE public.{Next.Index}");
        await Migrator.MigrateAsync(session, TimeSpan.FromSeconds(10), Cancellation);
        Assert.Equal(NextBuild.Versions.Head, await NextBuild.Versions.ReadAsync(session, Cancellation));
    }

    [Fact]
    public async Task Upgrade_TableInUse_GivesUpAfterTheLockTimeout()
    {
        var url = await databases.CreateAsync();
        await using var session = await PostgresServer.OpenAsync(url, Cancellation);
        await using var other = await PostgresServer.OpenAsync(url, Cancellation);
        await ExecuteAsync(other, "BEGIN; SELECT FROM products");

        var failed = await Assert.ThrowsAsync<PostgresException>(
            () => Migrator.MigrateAsync(session, TimeSpan.FromMilliseconds(200), Cancellation));

        Assert.Equal(PostgresErrorCodes.LockNotAvailable, failed.SqlState);
        Assert.Equal(Head, await NextBuild.Versions.ReadAsync(session, Cancellation));
    }

    private static async Task AssertRefusedAsync(
        string code, TenantSchemaVersions versions, NpgsqlConnection session)
    {
        var refused = await Assert.ThrowsAsync<RuleException>(
            () => new TenantMigrator(versions).MigrateAsync(session, TimeSpan.FromSeconds(10), Cancellation));
        Assert.Equal(code, refused.Reason.Code);
    }

    private static Task<List<string>> FoundAsync(PostgresUrl url) => TenantSchemaTests.FoundAsync(
        url, "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace");

    private static Task<List<string>> RowsAsync(PostgresUrl url) => TenantSchemaTests.FoundAsync(url, """
        SELECT 'user ' || email FROM users UNION ALL SELECT 'product ' || nombre FROM products
        UNION ALL SELECT 'usage ' || limite || ' ' || usado || ' of ' || coalesce(maximo::text, '-') FROM tenant_usage
        UNION ALL SELECT 'record ' || entity || ' ' || action FROM audit_log
        """);

    private static string ReadNineTables()
    {
        using var reader = new StreamReader(
            typeof(SchemaVersionTests).Assembly.GetManifestResourceStream("nine-tables.sql")!);
        return reader.ReadToEnd();
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    [DbContext(typeof(TenantContext))]
    [Migration("99980101000000_WithoutVersion")]
    public sealed class WithoutVersion : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder)
        {
        }
    }

    [DbContext(typeof(TenantContext))]
    [Migration("99980101000000_WithTakenVersion")]
    [SchemaVersion(1)]
    public sealed class WithTakenVersion : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder)
        {
        }
    }
}
