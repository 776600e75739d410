using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Lifecycle.Limits;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.TenantSchema;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Adoption;

/// <summary>The owner of a database finds no way to run code with the portal's rights.</summary>
public sealed class HostileOwnerTests(PostgresServer server) : AdoptionTestBase(server)
{
    // Writes down with whose rights it runs.
    private const string Spy = """
        CREATE TABLE hits (who text DEFAULT current_user);
        GRANT ALL ON hits TO PUBLIC;
        CREATE FUNCTION spy() RETURNS boolean LANGUAGE plpgsql AS
            'BEGIN INSERT INTO public.hits DEFAULT VALUES; RETURN true; END';
        """;

    [Fact]
    public async Task Inspect_CodeThatRunsWhenATableIsRead_IsAnObstacle()
    {
        var (database, id) = await AdoptableAsync(ProductDatabase.Tables + """
            CREATE FUNCTION yes() RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
            CREATE FUNCTION shift(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
            CREATE FUNCTION same(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
            """);
        (string Make, string Undo, string Code)[] cases =
        [
            ("CREATE INDEX evil ON products (shift(nombre))", "DROP INDEX evil", "adopt_planned_code"),
            ("CREATE INDEX evil ON products (nombre) WHERE yes()", "DROP INDEX evil", "adopt_planned_code"),
            ("ALTER TABLE products ADD CONSTRAINT evil CHECK (yes())", "ALTER TABLE products DROP CONSTRAINT evil",
                "adopt_planned_code"),
            ("ALTER TABLE products ADD CONSTRAINT evil EXCLUDE USING btree (shift(nombre) WITH =)",
                "ALTER TABLE products DROP CONSTRAINT evil", "adopt_planned_code"),
            ("ALTER TABLE products ADD evil text GENERATED ALWAYS AS (shift(nombre)) STORED",
                "ALTER TABLE products DROP evil", "adopt_planned_code"),
            ("CREATE DOMAIN odd AS integer CHECK (yes()); ALTER TABLE products ADD evil odd[]",
                "DROP DOMAIN odd CASCADE", "adopt_planned_code"),
            ("CREATE STATISTICS evil ON (shift(nombre)), id FROM products", "DROP STATISTICS evil",
                "adopt_planned_code"),
            ("CREATE POLICY evil ON products USING (yes())", "DROP POLICY evil ON products", "adopt_planned_code"),
            ("CREATE RULE evil AS ON INSERT TO products WHERE yes() DO ALSO NOTHING", "DROP RULE evil ON products",
                "adopt_planned_code"),
            ("CREATE OPERATOR ### (LEFTARG = int, RIGHTARG = int, FUNCTION = same); "
                + "CREATE INDEX evil ON products (id) WHERE id ### 1",
                "DROP INDEX evil; DROP OPERATOR ### (int, int)", "adopt_planned_code"),
            ("CREATE TABLE heirs () INHERITS (products)", "DROP TABLE heirs", "adopt_inheritance"),
            ("ALTER TABLE products ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
                "ALTER TABLE products DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY", "adopt_row_security"),
            ($"COMMENT ON SCHEMA public IS '{DatabaseMarker.ForDatabase(Guid.NewGuid(), Guid.NewGuid())}'",
                "COMMENT ON SCHEMA public IS NULL", "content_of_another"),
            ($"GRANT pg_read_server_files TO {database.Owner}", $"REVOKE pg_read_server_files FROM {database.Owner}",
                "adopt_owner_powerful"),
            ("""
                CREATE TABLE "__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY,
                    "ProductVersion" varchar(32) NOT NULL, EXCLUDE ("MigrationId" WITH =))
                """, """DROP TABLE "__EFMigrationsHistory" """, "adopt_foreign_code"),
        ];
        foreach (var (make, undo, code) in cases)
        {
            var role = code == "adopt_owner_powerful" ? "postgres" : database.Owner;
            await database.AsSuperuserAsync($"SET ROLE {role}; {make}");
            var report = await Host.Get<AdoptionService>().InspectTenantAsync(Host.Admin, id, Cancellation);
            Assert.True(report.Obstacles is [{ } only] && only.Code == code,
                $"{make}: {string.Join(", ", report.Obstacles.Select(o => o.Render()))}");
            await database.AsSuperuserAsync(undo);
        }

        AssertSucceeded(await AdoptAsync(id));
    }

    [Fact]
    public async Task Limits_TableWasThereBefore_IsNotWrittenBeforeTheCompletion()
    {
        var (database, id) = await AdoptedAsync(ProductDatabase.Tables + """
            CREATE TABLE tenant_limits (id boolean NOT NULL DEFAULT true PRIMARY KEY, max_usuarios integer,
                max_establecimientos integer, max_comprobantes integer, limitar_emision boolean NOT NULL DEFAULT false,
                revision bigint NOT NULL DEFAULT 0);
            INSERT INTO tenant_limits (max_usuarios) VALUES (99);
            """);

        AssertSucceeded(await ApplyLimitsAsync(id));

        Assert.Equal(99, await database.ScalarAsync<int>("SELECT max_usuarios FROM tenant_limits"));
        Assert.True((await RowAsync(id)).LimitsAppliedRevision < (await RowAsync(id)).LimitsRevision);
        await ConfirmAsync(id);
        AssertSucceeded(await Host.EndOfAsync(
            await Host.Get<AdoptionFollowUps>().CompleteAsync(Host.Admin, id, Cancellation)));
        Assert.Equal(3, await database.ScalarAsync<int>("SELECT max_usuarios FROM tenant_limits"));

        // Somebody puts code on it, and it is not written any more.
        await database.AsProductAsync(Spy + """
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM public.spy(); RETURN NEW; END';
            CREATE TRIGGER note BEFORE UPDATE ON tenant_limits FOR EACH ROW EXECUTE FUNCTION note();
            """);
        AssertFailed("adopt_foreign_code", await ApplyLimitsAsync(id));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hits"));
    }

    [Fact]
    public async Task Write_TableOfOursWasReplaced_IsRefused()
    {
        var (database, id) = await AdoptedAsync();
        await database.AsProductAsync(Spy + """
            DROP TABLE tenant_limits;
            CREATE TABLE tenant_limits (id boolean DEFAULT true, max_usuarios integer, max_establecimientos integer,
                max_comprobantes integer, limitar_emision boolean, revision bigint DEFAULT 0);
            INSERT INTO tenant_limits DEFAULT VALUES;
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM public.spy(); RETURN NEW; END';
            CREATE TRIGGER note BEFORE UPDATE ON tenant_limits FOR EACH ROW EXECUTE FUNCTION note();
            """);
        await ConfirmAsync(id);

        AssertFailed("adopt_not_ours", await ApplyLimitsAsync(id));
        AssertFailed("adopt_not_ours", await Host.EndOfAsync(
            await Host.Get<AdoptionFollowUps>().CompleteAsync(Host.Admin, id, Cancellation)));
        AssertFailed("adopt_not_ours", await UpgradeAsync(id));

        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hits"));
    }

    [Fact]
    public async Task Triggers_FunctionTheyCallWasReplaced_RunsWithTheOwnersRights()
    {
        var (database, id) = await AdoptedAsync();
        await database.AsProductAsync(Spy + """
            DROP FUNCTION lima_month(timestamptz);
            CREATE FUNCTION lima_month(moment timestamptz) RETURNS date LANGUAGE plpgsql AS
                'BEGIN PERFORM public.spy(); RETURN date_trunc(''month'', moment)::date; END';
            """);
        await using (var session = await Host.Get<TenantConnections>().OpenAsync(id, database.Name, Cancellation))
        {
            await using var command = session.CreateCommand();
            command.CommandText = """
                INSERT INTO establecimientos (codigo, nombre) VALUES ('E1', 'Central');
                INSERT INTO comprobantes (tipo, serie, numero, fecha_emision, estado)
                VALUES ('boleta', 'B001', 1, now(), 'emitido');
                """;
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        Assert.Equal(database.Owner, await database.ScalarAsync<string>(
            "SELECT string_agg(DISTINCT who, ', ') FROM hits"));
        Assert.Equal(1, await database.ScalarAsync<int>(
            "SELECT usado FROM tenant_usage WHERE limite = 'max_comprobantes' AND periodo > '-infinity'"));
        Assert.Equal(1L, await database.ScalarAsync<long>(
            "SELECT count(*) FROM audit_log WHERE entity = 'comprobantes'"));
    }

    [Fact]
    public async Task Sessions_FunctionWithTheNameOfABuiltInOne_NeverRunsForThePortal()
    {
        var (database, id) = await AdoptedAsync();
        await database.AsProductAsync(Spy + """
            CREATE FUNCTION greater(text, varchar) RETURNS text LANGUAGE plpgsql AS
                'BEGIN PERFORM public.spy(); RETURN greatest($1, $2::text); END';
            CREATE AGGREGATE max(varchar) (SFUNC = greater, STYPE = text);
            """);

        AssertSucceeded(await UpgradeAsync(id));

        Assert.DoesNotContain(PostgresServer.PortalRole, await database.ScalarAsync<string>(
            "SELECT coalesce(string_agg(DISTINCT who, ', '), '') FROM hits"), StringComparison.Ordinal);
        await using var session = await PostgresServer.OpenAsync(Server.SuperuserUrl(database.Name), Cancellation);
        Assert.Equal(["max"], await SchemaReader.ListShadowsAsync(session, Cancellation));
    }

    private async Task<Operation> ApplyLimitsAsync(int id)
    {
        await AsSuperuserAsync(Host.Master.Database,
            $"UPDATE clientes_saas SET limits_revision = limits_revision + 1 WHERE id = {id}");
        return await RunAsync(id, ApplyLimitsOperation.KindName, null);
    }

    private Task<Operation> UpgradeAsync(int id) => RunAsync(
        id, MigrateTenant.KindName, new SchemaTarget(TenantSchemaVersions.OfThisBuild.Head));

    private async Task<Operation> RunAsync(int id, OperationKind kind, object? data)
    {
        await using var db = await Host.OpenMasterAsync();
        var operation = Host.Get<OperationQueue>().Enqueue(db, Host.Admin, kind, await RowAsync(id), data);
        await db.SaveChangesAsync(Cancellation);
        return await Host.EndOfAsync(operation.Id);
    }
}
