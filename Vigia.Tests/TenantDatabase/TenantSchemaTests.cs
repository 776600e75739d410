using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.TenantDatabase;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantDatabase;

/// <summary>Model, migrations, compiled model, document and a real database say the same.</summary>
public sealed partial class TenantSchemaTests(TenantDatabases databases) : IClassFixture<TenantDatabases>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Model_HasNoChangeWithoutAMigration()
    {
        using var db = new TenantContextFactory().CreateDbContext([]);
        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Fact]
    public void CompiledModel_IsThatOfTheClasses()
    {
        using var db = new TenantContextFactory().CreateDbContext([]);
        var (compiled, built) = (db.Model, db.GetService<IDesignTimeModel>().Model);

        Assert.StartsWith("Vigia.Core.TenantDatabase.Compiled", compiled.GetType().FullName, StringComparison.Ordinal);
        Assert.Equal(Signature(built), Signature(compiled));
    }

    [Fact]
    public async Task FreshDatabase_HasWhatTheModelSays_AndNothingElse()
    {
        var url = await databases.SharedAsync();
        using var db = new TenantContextFactory().CreateDbContext([]);
        var model = db.GetService<IDesignTimeModel>().Model.GetRelationalModel();

        Assert.Equal(Said(model), await FoundAsync(url, ColumnsSql));
        Assert.Equal(model.Tables.SelectMany(t => t.CheckConstraints.Select(c => $"{t.Name}.{c.Name}")).Order(StringComparer.Ordinal), await FoundAsync(url, ConstraintsSql("c")));
        Assert.Equal(
            model.Tables.SelectMany(t => t.ForeignKeyConstraints.Select(f => $"{t.Name}.{f.Name}")).Order(StringComparer.Ordinal), await FoundAsync(url, ConstraintsSql("f")));
        string[] byHand = ["users.users_email_key", "users.users_username_key"];
        Assert.Equal(
            model.Tables.SelectMany(t => t.Indexes.Select(i => $"{t.Name}.{i.Name}")).Concat(byHand).Order(StringComparer.Ordinal),
            await FoundAsync(url, "SELECT tablename || '.' || indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE 'PK\\_%'"));
    }

    [Fact]
    public async Task Triggers_AreOnEveryRegulatedTable_AndCantBeTurnedOffByASetting()
    {
        var url = await databases.SharedAsync();
        var regulated = TenantModel.Types.Where(t => !t.IsDefined(typeof(UnregulatedAttribute))).Select(TenantModel.TableOf);

        Assert.Equal(
            regulated, await FoundAsync(url, "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = 'public.record_change'::regproc"));
        Assert.Empty(await FoundAsync(url, "SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'A'"));
        Assert.Equal(
            TenantModel.Types.Where(t => t.GetProperty("UpdatedAt") is not null).Select(TenantModel.TableOf),
            await FoundAsync(url, "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = 'public.touch_updated_at'::regproc"));
    }

    [Fact]
    public async Task Rights_TheTenantsGroupHasDmlOrLess_AndPublicHasNothing()
    {
        var url = await databases.SharedAsync();
        string[] readOnly = ["__EFMigrationsHistory", "roles", "tenant_limits", "tenant_usage", "user_roles"];

        Assert.Equal(
            [.. TenantModel.Types.Select(TenantModel.TableOf).Append("__EFMigrationsHistory")
                .Select(t => $"{t}: {(readOnly.Contains(t) ? "SELECT" : t == "audit_log" ? "INSERT,SELECT" : "DELETE,INSERT,SELECT,UPDATE")}").Order(StringComparer.Ordinal)],
            await FoundAsync(url, """
                SELECT table_name || ': ' || string_agg(privilege_type, ',' ORDER BY privilege_type) FROM information_schema.role_table_grants
                WHERE grantee = 'vigia_tenant' AND table_schema = 'public' GROUP BY table_name
                """));
        Assert.Empty(await FoundAsync(url, """
            SELECT c.relname::text FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee = 0 AND c.relnamespace = 'public'::regnamespace
            UNION ALL SELECT p.proname::text FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0 AND p.pronamespace = 'public'::regnamespace
            UNION ALL SELECT n.nspname::text FROM pg_namespace n, aclexplode(n.nspacl) a WHERE a.grantee = 0 AND n.nspname = 'public'
            """));
        Assert.Equal(["lima_month"], await FoundAsync(url, """
            SELECT p.proname::text FROM pg_proc p, aclexplode(p.proacl) a WHERE a.grantee = 'vigia_tenant'::regrole AND p.pronamespace = 'public'::regnamespace
            """));
    }

    [Fact]
    public void Columns_AllSayWhereTheyComeFrom_AndNamesAreNotCutOff()
    {
        using var db = new TenantContextFactory().CreateDbContext([]);
        var model = db.GetService<IDesignTimeModel>().Model.GetRelationalModel();

        Assert.All(model.Tables, t => Assert.True(Source().IsMatch(t.Comment ?? ""), t.Name));
        Assert.All(model.Tables.SelectMany(t => t.Columns), c => Assert.True(Source().IsMatch(c.Comment ?? ""), $"{c.Table.Name}.{c.Name}"));

        // PostgreSQL cuts names at 63 bytes, and says nothing.
        Assert.All(model.Tables.SelectMany(t => t.Indexes.Select(i => i.Name).Concat(t.CheckConstraints.Select(c => c.Name!)).Concat(t.ForeignKeyConstraints.Select(f => f.Name))), n => Assert.True(n.Length <= 63, n));
    }

    [Fact]
    public async Task Seeds_AreThere_AndSchedulesAreOff()
    {
        var url = await databases.SharedAsync();

        Assert.Equal(["admin", "direccion_tecnica", "legal", "qa", "qf", "responsable_fv", "soporte"], await FoundAsync(url, "SELECT name FROM roles"));
        Assert.Equal(TenantRoles.All.Select(r => $"{r.Name}: {string.Join(' ', r.Permissions)}").Order(StringComparer.Ordinal), await FoundAsync(url, "SELECT name || ': ' || array_to_string(permissions, ' ') FROM roles"));
        Assert.All(TenantRoles.All, r => Assert.All(r.Permissions, p => Assert.Matches("^[a-z_]+:[a-z]+$", p)));
        Assert.True(TenantRoles.All.Skip(1).SelectMany(r => r.Permissions).ToHashSet().IsSubsetOf(TenantRoles.All[0].Permissions));
        Assert.Equal(11, await TenantDatabases.ScalarAsync<long>(url, "SELECT count(*) FROM documento_categorias"));
        Assert.Equal(["external: off", "national: off"], await FoundAsync(url, "SELECT scope || ': ' || coalesce(cron, 'off') FROM programaciones_vigilancia"));
        Assert.Equal("[0, 30, 60, 90]", await TenantDatabases.ScalarAsync<string>(url, "SELECT valor::text FROM configuracion WHERE clave = 'seguimiento.dias'"));
        Assert.Equal(0, await TenantDatabases.ScalarAsync<long>(url, "SELECT count(*) FROM audit_log"));
    }

    /// <summary>A database of the first version, with rows in every table and keys that led nowhere, goes through every migration and keeps what it had.</summary>
    [Fact]
    public async Task Migrations_FromTheFirstToTheLast_OnADatabaseWithData_KeepIt()
    {
        var url = await databases.Server.CreateDatabaseAsync(null, null, Cancellation);
        await using (var session = await PostgresServer.OpenAsync(url, Cancellation))
        {
            await using var db = TenantContextFactory.On(session);
            var migrator = db.GetService<IMigrator>();
            var all = db.Database.GetMigrations().ToList();
            await migrator.MigrateAsync(all[0], Cancellation);
            await using (var fill = new NpgsqlCommand(FirstVersionData, session))
            {
                await fill.ExecuteNonQueryAsync(Cancellation);
            }

            foreach (var migration in all.Skip(1))
            {
                await migrator.MigrateAsync(migration, Cancellation);
            }

            Assert.Equal(TenantSchema.HeadVersion, await TenantSchema.GetVersionAsync(session, Cancellation));
        }

        Assert.Equal(
            ["2 users, 1 active, 1 icsr, 1 events, 1 products, 1 clients, 1 alerts, limit 9"],
            await FoundAsync(url, """
                SELECT (SELECT count(*) FROM users) || ' users, ' || (SELECT usado FROM tenant_usage WHERE limite = 'max_usuarios') || ' active, ' || (SELECT count(*) FROM icsr) || ' icsr, '
                    || (SELECT count(*) FROM icsr_events) || ' events, ' || (SELECT count(*) FROM icsr_products) || ' products, ' || (SELECT count(*) FROM clients) || ' clients, '
                    || (SELECT count(*) FROM surveillance_alerts) || ' alerts, limit ' || (SELECT maximo FROM tenant_usage WHERE limite = 'max_usuarios')
                """));
        Assert.Equal(["41"], await FoundAsync(url, "SELECT empleado_id::text FROM users WHERE empleado_id IS NOT NULL"));

        // What led nowhere stays; a new one that does is refused.
        await PostgresServer.ExecuteAsync(url, "UPDATE users SET username = 'still' WHERE empleado_id = 41", Cancellation);
        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, (await TenantDatabases.RefusedAsync(url, "UPDATE users SET empleado_id = 42 WHERE empleado_id = 41")).SqlState);

        // Apart from that it is a fresh database.
        var fresh = await databases.SharedAsync();
        Assert.Equal(await FoundAsync(fresh, ColumnsSql), await FoundAsync(url, ColumnsSql));
        Assert.Equal(await FoundAsync(fresh, ConstraintsSql("cfpu")), await FoundAsync(url, ConstraintsSql("cfpu")));
        Assert.Equal(await FoundAsync(fresh, TriggersSql), await FoundAsync(url, TriggersSql));
        await databases.Server.DropDatabaseAsync(url.Database, Cancellation);
    }

    /// <summary>The rows of a query, in ordinal order.</summary>
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

    // All that reading and writing goes by.
    private static List<string> Signature(IModel model) =>
    [
        .. model.GetEntityTypes().SelectMany(e => e.GetProperties().Select(p =>
            $"{e.Name}.{p.Name}: {e.GetTableName()}.{p.GetColumnName()} {p.ClrType} {p.GetColumnType()} {p.IsNullable} {p.GetMaxLength()} {p.ValueGenerated} {p.IsPrimaryKey()}")
            .Concat(e.GetForeignKeys().Select(f => $"{e.Name} -> {f.PrincipalEntityType.Name} {string.Join(',', f.Properties.Select(p => p.Name))} {f.DeleteBehavior}"))).Order(StringComparer.Ordinal),
    ];

    private static List<string> Said(IRelationalModel model) =>
        [.. model.Tables.SelectMany(t => t.Columns.Select(c => $"{t.Name}.{c.Name} {c.StoreType}{(c.IsNullable ? "" : " NOT NULL")}: {c.Comment}")).Order(StringComparer.Ordinal)];

    private const string ColumnsSql = """
        SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || ': ' || col_description(c.oid, a.attnum)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> '__EFMigrationsHistory'
       
        """;

    private const string TriggersSql = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal";

    private static string ConstraintsSql(string kinds) =>
        $"SELECT conrelid::regclass::text || '.' || conname FROM pg_constraint WHERE contype IN ({string.Join(',', kinds.Select(k => $"'{k}'"))}) AND connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '%Migrations%'";

    private const string FirstVersionData = """
        UPDATE tenant_limits SET max_usuarios = 9;
        INSERT INTO users (email, hashed_password, roles, empleado_id) VALUES ('a@acme.pe', 'x', '{admin}', 41);
        INSERT INTO users (email, hashed_password, is_active) VALUES ('b@acme.pe', 'x', false);
        INSERT INTO icsr (numero, gravedad) VALUES ('2024-1', 'Grave');
        INSERT INTO icsr_events (icsr_id, texto) SELECT id, 'Cefalea' FROM icsr;
        INSERT INTO icsr_products (icsr_id, nombre, tipo) SELECT id, 'Paracetamol', 'concomitante' FROM icsr;
        INSERT INTO products (nombre) VALUES ('Paracetamol 500 mg');
        INSERT INTO clients (razon_social) VALUES ('Botica Central');
        INSERT INTO surveillance_alerts (scope, source_id) VALUES ('national', gen_random_uuid());
        INSERT INTO audit_log (actor, action) VALUES ('Ana', 'case_created');
        """;

    [GeneratedRegex(@" \[[^\]]+\]$")]
    private static partial Regex Source();
}
