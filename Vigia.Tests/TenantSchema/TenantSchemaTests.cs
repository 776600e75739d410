using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.TenantSchema;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSchema;

/// <summary>Model, migrations, compiled model, document and a real database agree.</summary>
public sealed partial class TenantSchemaTests(TenantDatabases databases) : IClassFixture<TenantDatabases>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void CompiledModel_MatchesTheClasses()
    {
        using var db = new TenantContextFactory().CreateDbContext([]);
        var (compiled, built) = (db.Model, db.GetService<IDesignTimeModel>().Model);

        Assert.StartsWith("Vigia.Core.TenantSchema.Compiled", compiled.GetType().FullName, StringComparison.Ordinal);
        Assert.Equal(Signature(built), Signature(compiled));
    }

    [Fact]
    public async Task FreshDatabase_MatchesTheModel()
    {
        var url = await databases.SharedAsync();
        using var db = new TenantContextFactory().CreateDbContext([]);
        var model = db.GetService<IDesignTimeModel>().Model.GetRelationalModel();

        Assert.Equal(Said(model), await FoundAsync(url, ColumnsSql));
        Assert.Equal(model.Tables.SelectMany(t => t.CheckConstraints.Select(c => $"{t.Name}.{c.Name}"))
            .Order(StringComparer.Ordinal), await FoundAsync(url, ConstraintsSql("c")));
        Assert.Equal(
            model.Tables.SelectMany(t => t.ForeignKeyConstraints.Select(f => $"{t.Name}.{f.Name}"))
                .Order(StringComparer.Ordinal), await FoundAsync(url, ConstraintsSql("f")));
        string[] byHand = ["users.users_email_key", "users.users_username_key"];
        Assert.Equal(
            model.Tables.SelectMany(t => t.Indexes.Select(i => $"{t.Name}.{i.Name}")).Concat(byHand)
                .Order(StringComparer.Ordinal),
            await FoundAsync(url,
                "SELECT tablename || '.' || indexname FROM pg_indexes "
                + "WHERE schemaname = 'public' AND indexname NOT LIKE 'PK\\_%'"));
    }

    [Fact]
    public async Task Triggers_OfEveryRegulatedTable_CanNotBeDisabledByASetting()
    {
        var url = await databases.SharedAsync();
        var regulated = TenantModel.Types.Where(t => !t.IsDefined(typeof(UnregulatedAttribute)))
            .Select(TenantModel.TableOf);

        Assert.Equal(
            regulated, await FoundAsync(
                url, "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = 'public.record_change'::regproc"));
        Assert.Empty(await FoundAsync(
            url, "SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'A'"));
        Assert.Equal(
            TenantModel.Types.Where(t => t.GetProperty("UpdatedAt") is not null).Select(TenantModel.TableOf),
            await FoundAsync(url,
                "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = 'public.touch_updated_at'::regproc"));
    }

    [Fact]
    public async Task Rights_OfTheTenantsGroup_AreDmlOrLess()
    {
        var url = await databases.SharedAsync();
        string[] readOnly =
            ["__EFMigrationsHistory", "audit_log", "roles", "tenant_limits", "tenant_usage", "user_roles"];

        Assert.Equal(
            [.. TenantModel.Types.Select(TenantModel.TableOf).Append("__EFMigrationsHistory")
                .Select(t => $"{t}: {(readOnly.Contains(t) ? "SELECT" : "DELETE,INSERT,SELECT,UPDATE")}")
                    .Order(StringComparer.Ordinal)],
            await FoundAsync(url, """
                SELECT table_name || ': ' || string_agg(privilege_type, ',' ORDER BY privilege_type)
                FROM information_schema.role_table_grants
                WHERE grantee = 'vigia_tenant' AND table_schema = 'public' GROUP BY table_name
                """));

        // The application writes only the columns of the audit log that it knows. The database sets key, time, role and
        // source. The application may read a sequence, but not draw from it.
        Assert.Equal(["action", "actor", "after", "before", "detail", "entity", "entity_id", "trace_id", "user_id"],
            await FoundAsync(url, """
            SELECT attname::text FROM pg_attribute, aclexplode(attacl) a
            WHERE attrelid = 'audit_log'::regclass AND a.grantee = 'vigia_tenant'::regrole
              AND a.privilege_type = 'INSERT'
            """));
        Assert.Equal(["audit_log"],
            await FoundAsync(url,
            "SELECT DISTINCT attrelid::regclass::text FROM pg_attribute "
            + "WHERE attacl IS NOT NULL AND attnum > 0 AND attrelid > 16383"));
        Assert.Equal(
            await FoundAsync(url,
                "SELECT oid::regclass || ': SELECT' FROM pg_class "
                + "WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace AND relname <> 'audit_log_id_seq'"),
            await FoundAsync(url,
                "SELECT c.oid::regclass || ': ' || privilege_type FROM pg_class c, aclexplode(relacl) a "
                + "WHERE relkind = 'S' AND a.grantee = 'vigia_tenant'::regrole"));
        Assert.Empty(await FoundAsync(url, """
            SELECT c.relname::text FROM pg_class c, aclexplode(c.relacl) a
                WHERE a.grantee = 0 AND c.relnamespace = 'public'::regnamespace
            UNION ALL SELECT p.proname::text
                FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                WHERE a.grantee = 0 AND p.pronamespace = 'public'::regnamespace
            UNION ALL SELECT n.nspname::text FROM pg_namespace n, aclexplode(n.nspacl) a
                WHERE a.grantee = 0 AND n.nspname = 'public'
            """));
        Assert.Equal(["lima_month"], await FoundAsync(url, """
            SELECT p.proname::text FROM pg_proc p, aclexplode(p.proacl) a
            WHERE a.grantee = 'vigia_tenant'::regrole AND p.pronamespace = 'public'::regnamespace
            """));
    }

    [Fact]
    public void Columns_EachOne_HasASourceAndAnUncutName()
    {
        using var db = new TenantContextFactory().CreateDbContext([]);
        var model = db.GetService<IDesignTimeModel>().Model.GetRelationalModel();

        Assert.All(model.Tables, t => Assert.True(Source().IsMatch(t.Comment ?? ""), t.Name));
        Assert.All(model.Tables.SelectMany(t => t.Columns),
            c => Assert.True(Source().IsMatch(c.Comment ?? ""), $"{c.Table.Name}.{c.Name}"));

        // PostgreSQL cuts names at 63 bytes without an error.
        Assert.All(model.Tables.SelectMany(
            t => t.Indexes.Select(i => i.Name).Concat(t.CheckConstraints.Select(c => c.Name!))
            .Concat(t.ForeignKeyConstraints.Select(f => f.Name))), n => Assert.True(n.Length <= 63, n));
    }

    [Fact]
    public async Task Seeds_Exist_AndSchedulesAreOff()
    {
        var url = await databases.SharedAsync();

        Assert.Equal(["admin", "direccion_tecnica", "legal", "qa", "qf", "responsable_fv", "soporte"],
            await FoundAsync(url, "SELECT name FROM roles"));
        Assert.Equal(TenantRoles.All.Select(r => $"{r.Name}: {string.Join(' ', r.Permissions)}")
            .Order(StringComparer.Ordinal),
            await FoundAsync(url, "SELECT name || ': ' || array_to_string(permissions, ' ') FROM roles"));
        Assert.All(TenantRoles.All, r => Assert.All(r.Permissions, p => Assert.Matches("^[a-z_]+:[a-z]+$", p)));
        Assert.True(TenantRoles.All.Skip(1).SelectMany(r => r.Permissions).ToHashSet()
            .IsSubsetOf(TenantRoles.All[0].Permissions));
        Assert.Equal(11, await TenantDatabases.ScalarAsync<long>(url, "SELECT count(*) FROM documento_categorias"));
        Assert.Equal(["external: off", "national: off"],
            await FoundAsync(url, "SELECT scope || ': ' || coalesce(cron, 'off') FROM programaciones_vigilancia"));
        Assert.Equal("[0, 30, 60, 90]",
            await TenantDatabases.ScalarAsync<string>(
            url, "SELECT valor::text FROM configuracion WHERE clave = 'seguimiento.dias'"));
        Assert.Equal(0, await TenantDatabases.ScalarAsync<long>(url, "SELECT count(*) FROM audit_log"));
    }

    /// <summary>Returns the rows of a query, in ordinal order.</summary>
    internal static async Task<List<string>> FoundAsync(PostgresUrl url, string sql)
    {
        await using var session = await PostgresServer.OpenAsync(url, Cancellation);
        await using var command = new NpgsqlCommand(sql, session);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var found = new List<string>();
        while (await reader.ReadAsync(Cancellation))
        {
            found.Add(reader.GetString(0));
        }

        found.Sort(StringComparer.Ordinal);
        return found;
    }

    // All parts of the model that reading and writing depend on.
    private static List<string> Signature(IModel model) =>
    [
        .. model.GetEntityTypes().SelectMany(e => e.GetProperties().Select(p =>
            $"{e.Name}.{p.Name}: {e.GetTableName()}.{p.GetColumnName()} {p.ClrType} {p.GetColumnType()} "
            + $"{p.IsNullable} {p.GetMaxLength()} {p.ValueGenerated} {p.IsPrimaryKey()}")
            .Concat(e.GetForeignKeys().Select(f =>
                $"{e.Name} -> {f.PrincipalEntityType.Name} {string.Join(',', f.Properties.Select(p => p.Name))} "
                + $"{f.DeleteBehavior}"))).Order(StringComparer.Ordinal),
    ];

    private static List<string> Said(IRelationalModel model) =>
        [.. model.Tables.SelectMany(
            t => t.Columns.Select(
            c => $"{t.Name}.{c.Name} {c.StoreType}{(c.IsNullable ? "" : " NOT NULL")}: {c.Comment}"))
            .Order(StringComparer.Ordinal)];

    private const string ColumnsSql = """
        SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
            || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || ': ' || col_description(c.oid, a.attnum)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
          AND c.relname <> '__EFMigrationsHistory'
       
        """;

    private static string ConstraintsSql(string kinds) =>
        $"""
        SELECT conrelid::regclass::text || '.' || conname FROM pg_constraint
        WHERE contype IN ({string.Join(',', kinds.Select(k => $"'{k}'"))})
          AND connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '%Migrations%'
        """;

    [GeneratedRegex(@" \[[^\]]+\]$")]
    private static partial Regex Source();
}
