using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Adoption;

/// <summary>A database of the product's becomes a tenant's. Its older content is not changed.</summary>
public sealed class AdoptTests(PostgresServer server) : AdoptionTestBase(server)
{
    [Fact]
    public async Task Adopt_NineTablesForeignTablesAnd10000Rows_ChangesNoRow()
    {
        var (database, id) = await AdoptableAsync(await NineTablesAsync());
        var columns = await database.ColumnsAsync();
        var before = await database.ChecksumsAsync(columns);

        var operation = await AdoptAsync(id);

        AssertSucceeded(operation);
        Assert.Equal(before, await database.ChecksumsAsync(columns));
        Assert.Equal(10_003L, await database.ScalarAsync<long>(
            "SELECT (SELECT count(*) FROM icsr) + (SELECT count(*) FROM facturas) + (SELECT count(*) FROM users)"));
        var row = await RowAsync(id);
        Assert.Equal((TenantState.Ready, true, 1, database.Name),
            (row.State, row.IsActive, row.SchemaVersion, row.DatabaseName));
        Assert.Equal(1, await RecordsAsync(id, "tenant.adopted"));

        // A request of the tenant's reads old rows, and writes into old and new tables.
        await using (var session = await Host.Get<TenantConnections>().OpenAsync(id, database.Name, Cancellation))
        {
            await using var command = session.CreateCommand();
            command.CommandText = """
                INSERT INTO icsr (codigo_interno) VALUES ('NUEVO');
                INSERT INTO establecimientos (codigo, nombre) VALUES ('E1', 'Central');
                SELECT count(*) FROM icsr
                """;
            Assert.Equal(5_001L, await command.ExecuteScalarAsync(Cancellation));
        }

        Assert.NotNull(await Host.Get<TenantContents>().CountAsync(Host.Admin, id, Cancellation));
        var view = await ViewAsync(id);
        Assert.Equal((AdoptionStage.Adopted, true, true, false),
            (view.AdoptionStage, view.LacksOwnTriggers, view.IsManaged, view.IsReclaimable));
        var proof = (await LastAsync(row))!;
        Assert.Equal((ProofCause.Adoption, IsolationVerdict.Reported), (proof.Cause, proof.Verdict));
        Assert.Contains(proof.Attempts, a => a is { Code: "owned_from_outside" } && a.Target == database.Owner);
        await WorldCheck.AssertAgreesAsync(Host);

        // After the completion, the old audit log records changes of old tables, and no old row differs.
        await ConfirmAsync(id);
        AssertSucceeded(await Host.EndOfAsync(
            await Host.Get<AdoptionFollowUps>().CompleteAsync(Host.Admin, id, Cancellation)));
        await database.AsProductAsync(
            "UPDATE products SET nombre = nombre; INSERT INTO products (nombre) VALUES ('x')");
        Assert.Equal(1L, await database.ScalarAsync<long>(
            "SELECT count(*) FROM audit_log WHERE entity = 'products' AND action = 'INSERT'"));
        Assert.Equal(3, await database.ScalarAsync<int>(
            "SELECT usado FROM tenant_usage WHERE limite = 'max_usuarios'"));
    }

    [Fact]
    public async Task Inspect_OwnerHasRunNothing_ReportsEverythingAndChangesNothing()
    {
        var database = await MadeAsync(ProductDatabase.Tables + """
            CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER tell BEFORE UPDATE ON products FOR EACH ROW EXECUTE FUNCTION tell();
            CREATE FUNCTION secrets() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
            """);
        var id = await ProductRowAsync(NewName("mira"), database.Name);
        var catalogue = await database.CatalogueAsync();
        await using var connected = await PostgresServer.OpenAsync(database.Url, Cancellation);

        var report = await Host.Get<AdoptionService>().InspectTenantAsync(Host.Admin, id, Cancellation);

        Assert.False(report.IsPossible);
        Assert.Empty(report.Obstacles);
        Assert.Equal(
            [$"GRANT \"{database.Owner}\" TO \"{PostgresServer.PortalRole}\";",
                "REVOKE EXECUTE ON FUNCTION public.\"secrets\"() FROM PUBLIC;"], report.OwnerStatements);
        Assert.Equal((database.Owner, "UTF8", false),
            (report.Database!.Owner, report.Database.Encoding, report.Database.OwnerIsSuperuser));
        Assert.Contains(report.Database.Connected, c => c.Role == database.Owner);
        Assert.True(report.Database.SizeBytes > 1_000_000);
        Assert.Equal(["facturas"], report.ForeignTables);
        Assert.Contains("audit_log", report.MissingTables);
        Assert.Contains(new AddedColumn("users", "empleado_id", "integer"), report.MissingColumns);
        Assert.Contains(
            new ColumnDifference("icsr", "estado", "type", "character varying(20)", "character varying(40)"),
            report.Different);
        Assert.Contains(
            new ColumnDifference("products", "nombre", "type", "character varying(255)", "character varying(200)"),
            report.Different);
        Assert.Contains(new ColumnDifference("users", "is_active", "null", "NOT NULL", "NULL"), report.Different);
        Assert.Equal([new ForeignCode("definer_function", "secrets()"), new ForeignCode("trigger", "products.tell")],
            report.ForeignCode);
        Assert.Contains(new PlannedTrigger("users", "users_record", "public.record_change"), report.Later);
        Assert.Equal(catalogue, await database.CatalogueAsync());
        await AssertRefusedAsync("owner_statements_needed", () => AdoptAsync(id));

        await database.RunAsync(report.OwnerStatements);
        Assert.True((await Host.Get<AdoptionService>().InspectTenantAsync(Host.Admin, id, Cancellation)).IsPossible);
    }

    [Fact]
    public async Task Adopt_SuperuserOwnsEverything_NeedsOwnerPerObjectAndWorks()
    {
        var database = await MadeAsync();
        await database.AsSuperuserAsync($"""
            ALTER DATABASE {database.Name} OWNER TO postgres;
            ALTER SCHEMA public OWNER TO postgres;
            ALTER TABLE users OWNER TO postgres; ALTER TABLE icsr OWNER TO postgres;
            ALTER TABLE products OWNER TO postgres; ALTER TABLE facturas OWNER TO postgres;
            """);
        var id = await ProductRowAsync(NewName("super"), database.Name);
        var service = Host.Get<AdoptionService>();

        var report = await service.InspectTenantAsync(Host.Admin, id, Cancellation);

        var portal = $"\"{PostgresServer.PortalRole}\"";
        Assert.Equal(
            [$"ALTER DATABASE \"{database.Name}\" OWNER TO {portal};", $"ALTER SCHEMA \"public\" OWNER TO {portal};",
                $"ALTER TABLE public.\"icsr\" OWNER TO {portal};",
                $"ALTER TABLE public.\"products\" OWNER TO {portal};",
                $"ALTER TABLE public.\"users\" OWNER TO {portal};"], report.OwnerStatements);
        await database.RunAsync(report.OwnerStatements);
        AssertSucceeded(await AdoptAsync(id));
        Assert.Equal("postgres", await database.ScalarAsync<string>(
            "SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE relname = 'facturas'"));
    }

    [Fact]
    public async Task Register_DatabaseWithoutARow_MakesTheTenantWithItsOwnName()
    {
        var database = await MadeAsync();
        await GrantAsync(database);
        var name = NewName("nuevo");
        var registered = await Host.Get<AdoptedRegistration>().RegisterAsync(
            Host.Admin, database.Name, Request(name), Approved, Cancellation);

        AssertSucceeded(await Host.EndOfAsync(registered.OperationId!.Value));

        var row = await RowAsync(registered.TenantId);
        Assert.Equal((TenantState.Ready, true, database.Name, name),
            (row.State, row.IsActive, row.DatabaseName, row.Subdomain));
        Assert.NotNull(row.TokensValidAfter);
        Assert.True(row.LimitsAppliedRevision == row.LimitsRevision);
        Assert.Equal(5, await database.ScalarAsync<int>("SELECT max_usuarios FROM tenant_limits"));
        Assert.True(await Host.ScalarAsync<bool>(Host.Master.Database,
            $"SELECT ever_in_production FROM portal.databases WHERE name = '{database.Name}'"));

        // The undo takes the row away again, because the adoption made it.
        AssertSucceeded(await UndoAsync(registered.TenantId));
        await Assert.ThrowsAsync<NotFoundException>(() => RowAsync(registered.TenantId));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    private static async Task<string> NineTablesAsync()
    {
        using var reader = new StreamReader(
            typeof(AdoptTests).Assembly.GetManifestResourceStream("nine-tables.sql")!);
        return await reader.ReadToEndAsync(Cancellation) + """
            CREATE TABLE facturas (id serial PRIMARY KEY, serie text NOT NULL, icsr_id integer REFERENCES icsr (id));
            INSERT INTO users (username, email, hashed_password, roles) VALUES
                ('admin', 'admin@producto.pe', '-', ARRAY['admin']), ('ana', 'ana@producto.pe', '-', ARRAY['qf']),
                ('luis', 'luis@producto.pe', '-', ARRAY['qa', 'legal']);
            INSERT INTO icsr (codigo_interno, descripcion_evento)
                SELECT 'C-' || i, repeat('evento ', 5) || i FROM generate_series(1, 5000) i;
            INSERT INTO facturas (serie, icsr_id) SELECT 'F' || i, i FROM generate_series(1, 5000) i;
            """;
    }
}
