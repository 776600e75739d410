using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Deletion;

/// <summary>
/// A tenant is restored from the trash after the columns of the registry table were changed, by the product or by a
/// migration of the portal.
/// </summary>
public sealed class SavedRowTests(PostgresServer server) : CoreTestBase(server)
{
    // A column name that the product may use: quoted, and with text that a format string would treat as a placeholder.
    private const string Odd = "\"Zona {1} \"\"sur\"\"\"";

    [Fact]
    public async Task Restore_ColumnsChanged_TakesDefaultsAndRecordsLostValues()
    {
        await SqlAsync(
            $"""
            ALTER TABLE clientes_saas ADD COLUMN codigo text, ADD COLUMN nivel integer NOT NULL DEFAULT 1,
                ADD COLUMN {Odd} text, ADD COLUMN canal text,
                ADD COLUMN doble integer GENERATED ALWAYS AS (nivel * 2) STORED,
                ADD COLUMN triple integer GENERATED ALWAYS AS (nivel * 3) STORED;
            """);
        var id = await RegisterAsync(NewName("columnas"));
        await SqlAsync(
            $$"""
            UPDATE clientes_saas SET codigo = 'X9', nivel = 7, {{Odd}} = 'Lima', config = '{"a": [1, null]}'
            WHERE id = {{id}}
            """);
        await TrashAsync(id);
        await SqlAsync(
            """
            CREATE DOMAIN tramo AS integer NOT NULL CHECK (VALUE > 0);
            ALTER TABLE clientes_saas DROP COLUMN codigo, DROP COLUMN triple,
                ADD COLUMN region text NOT NULL DEFAULT 'costa', ADD COLUMN tramo tramo DEFAULT 3,
                ALTER COLUMN canal SET DEFAULT 'directo', ALTER COLUMN canal SET NOT NULL;
            """);

        var back = await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, id, null, Cancellation));

        Assert.True(back.State == OperationState.Succeeded, $"{back.Error}");
        Assert.Equal("7 14 Lima costa 3 directo [1, null] registered", await Host.ScalarAsync<string>(
            Host.Master.Database,
            $"SELECT concat_ws(' ', nivel, doble, {Odd}, region, tramo, canal, config -> 'a', state) "
            + $"FROM clientes_saas WHERE id = {id}"));
        Assert.Equal("""{"codigo": "X9", "triple": "21"}""", await Host.ScalarAsync<string>(
            Host.Master.Database,
            "SELECT (before::jsonb -> 'columns_gone')::text FROM portal.audit_events "
            + $"WHERE tenant_id = {id} AND action = 'tenant.restore_requested'"));
    }

    [Fact]
    public async Task Restore_TableRefusesTheRow_SaysWhyAndChangesNothing()
    {
        await SqlAsync("ALTER TABLE clientes_saas ADD COLUMN contrato text");
        var id = await RegisterAsync(NewName("sin-defecto"));
        await TrashAsync(id);
        await SqlAsync("ALTER TABLE clientes_saas ALTER COLUMN contrato SET NOT NULL");

        await AssertRefusedAsync(
            "registry_row_refused", () => Host.Get<TrashService>().RestoreAsync(Host.Admin, id, null, Cancellation));
        await SqlAsync(
            "ALTER TABLE clientes_saas ALTER COLUMN contrato DROP NOT NULL, ADD CONSTRAINT uno UNIQUE (razon_social)");
        await SqlAsync(
            $"""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso)
            SELECT '20999999999', legal_name, 'otro-dueno', 'a@b.pe' FROM portal.tenant_trash WHERE id = {id}
            """);
        await AssertRefusedAsync(
            "registry_row_refused", () => Host.Get<TrashService>().RestoreAsync(Host.Admin, id, null, Cancellation));

        await SqlAsync("""
            CREATE FUNCTION public.de_nadie() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'el producto no lo acepta'; END $$;
            CREATE TRIGGER de_nadie BEFORE INSERT ON clientes_saas FOR EACH ROW EXECUTE FUNCTION public.de_nadie();
            """);
        await AssertRefusedAsync(
            "registry_row_refused", () => Host.Get<TrashService>().RestoreAsync(Host.Admin, id, null, Cancellation));
        await SqlAsync("DROP TRIGGER de_nadie ON clientes_saas");

        Assert.Equal(0, await RecordsAsync(id, "tenant.restore_requested"));
        await SqlAsync("DELETE FROM clientes_saas WHERE subdominio = 'otro-dueno'");
        Assert.Equal(OperationState.Succeeded,
            (await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, id, null, Cancellation))).State);
    }

    [Fact]
    public async Task Restore_IdAlwaysGenerated_KeepsItsId()
    {
        await SqlAsync("ALTER TABLE clientes_saas ALTER COLUMN id SET GENERATED ALWAYS");
        var id = await RegisterAsync(NewName("identidad"));
        await TrashAsync(id);

        Assert.Equal(OperationState.Succeeded,
            (await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, id, null, Cancellation))).State);

        Assert.Equal(TenantState.Registered, (await RowAsync(id)).State);
    }

    private async Task TrashAsync(int id)
    {
        var tenant = await RowAsync(id);
        var operation = await Host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, id, new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword),
            Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
    }

    private Task SqlAsync(string sql) => PostgresServer.ExecuteAsync(Host.Master, sql, Cancellation);
}
