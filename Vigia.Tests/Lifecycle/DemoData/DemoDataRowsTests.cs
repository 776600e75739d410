using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Lifecycle.DemoData;
using Vigia.Core.TenantSchema;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.TenantSchema;

namespace Vigia.Tests.Lifecycle.DemoData;

public sealed class DemoDataRowsTests(TenantDatabases databases) : IClassFixture<TenantDatabases>
{
    private static readonly DateOnly Today = new(2026, 11, 27);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Tables_WithDemoColumn_AreAllListed() => Assert.Equal(
        TenantModel.Types.Where(t => t.IsAssignableTo(typeof(IDemoRow))).Select(TenantModel.TableOf),
        DemoDataRows.Tables.Order(StringComparer.Ordinal));

    [Fact]
    public async Task Fill_EmptyDatabase_AddsTwoHundredMarkedCases()
    {
        var url = await databases.CreateAsync();

        await FillAsync(url);

        Assert.Equal(200, await CountAsync(url, "icsr WHERE es_demo"));
        Assert.Equal(800, await CountAsync(url, "icsr_seguimiento_plan"));
        foreach (var table in new[] { "icsr_events", "icsr_products", "icsr_seguimiento_mensajes", "icsr_causalidad",
            "icsr_envios_digemid", "icsr_pruebas", "icsr_antecedentes", "cap_asistencias", "ips_reportes",
            "senal_casos" })
        {
            Assert.InRange(await CountAsync(url, table), 1, 1000);
        }

        Assert.Equal(["3 gravedades", "5 estados"],
            await TenantSchemaTests.FoundAsync(
                url,
                """
                SELECT count(DISTINCT estado) || ' estados' FROM icsr
                UNION ALL SELECT count(DISTINCT gravedad) || ' gravedades' FROM icsr
                """));

        // The demonstration data adds nobody who could sign in, so it uses nothing of the users' limit.
        Assert.Equal(0, await CountAsync(url, "users"));
        Assert.True(await CountAsync(
            url, "audit_log WHERE actor = 'Ana Ruiz' AND entity = 'icsr' AND action = 'INSERT'") >= 200);
    }

    [Fact]
    public async Task Fill_Twice_AddsTheSameRowsOnce()
    {
        var (one, other) = (await databases.CreateAsync(), await databases.CreateAsync());
        await FillAsync(one);
        await FillAsync(one);
        await FillAsync(other);

        const string Content = """
            SELECT numero || paciente_iniciales || paciente_edad || coalesce(descripcion_evento, '') || fecha_recepcion
            FROM icsr
            """;
        Assert.Equal(200, await CountAsync(one, "icsr"));
        Assert.Equal(await TenantSchemaTests.FoundAsync(one, Content),
            await TenantSchemaTests.FoundAsync(other, Content));
    }

    [Fact]
    public async Task Fill_NoFreeEstablishments_AddsNone()
    {
        var url = await databases.CreateAsync();
        await PostgresServer.ExecuteAsync(url, "UPDATE tenant_limits SET max_establecimientos = 1", Cancellation);

        await FillAsync(url);

        Assert.Equal(1, await CountAsync(url, "establecimientos"));
    }

    [Fact]
    public async Task Remove_DemoData_RemovesNothingElse()
    {
        var url = await databases.CreateAsync();
        await PostgresServer.ExecuteAsync(
            databases.AsTenant(url),
            """
            INSERT INTO icsr (numero) VALUES ('propio');
            INSERT INTO products (nombre) VALUES ('propio');
            INSERT INTO ips_productos (nombre) VALUES ('propio');
            INSERT INTO ips_reportes (producto_id, periodo_inicio, periodo_fin)
            SELECT id, '2026-01-01', '2026-02-01' FROM ips_productos
            """, Cancellation);
        const string Rows = """
            SELECT table_name || ' ' || (xpath('/row/c/text()', query_to_xml(
                'SELECT count(*) AS c FROM public.' || quote_ident(table_name), false, true, '')))[1]::text
            FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'audit_log'
            """;
        var before = await TenantSchemaTests.FoundAsync(url, Rows);
        await FillAsync(url);
        Assert.NotEqual(before, await TenantSchemaTests.FoundAsync(url, Rows));

        Assert.Equal(0, await RemoveAsync(url));

        Assert.Equal(before, await TenantSchemaTests.FoundAsync(url, Rows));
        Assert.Equal(200, await CountAsync(url, "audit_log WHERE entity = 'icsr' AND action = 'DELETE'"));
    }

    [Fact]
    public async Task Remove_RowsReferencedByTheTenant_StayAndAreCounted()
    {
        var url = await databases.CreateAsync();
        await FillAsync(url);
        await PostgresServer.ExecuteAsync(
            databases.AsTenant(url),
            """
            INSERT INTO icsr (numero) VALUES ('propio');
            INSERT INTO icsr_products (icsr_id, nombre, product_id)
            SELECT i.id, 'x', (SELECT min(id) FROM products) FROM icsr i WHERE numero = 'propio'
            """, Cancellation);

        Assert.Equal(1, await RemoveAsync(url));

        Assert.Equal(1, await CountAsync(url, "products"));
        Assert.Equal(1, await CountAsync(url, "icsr"));
    }

    /// <summary>The work really fails in the middle: a table that is needed last can't be written.</summary>
    [Fact]
    public async Task Fill_ThatFails_LeavesNothing()
    {
        var url = await databases.CreateAsync();
        await PostgresServer.ExecuteAsync(
            url, "ALTER TABLE senal_casos ADD CONSTRAINT broken CHECK (false)", Cancellation);

        await Assert.ThrowsAnyAsync<Exception>(() => FillAsync(url));

        Assert.Equal(0, await CountAsync(url, "icsr"));
        Assert.Equal(0, await CountAsync(url, "audit_log"));
    }

    private static async Task FillAsync(PostgresUrl url)
    {
        await using var session = await PostgresServer.OpenAsync(url, Cancellation);
        await DemoDataRows.FillAsync(session, "Ana Ruiz", Today, Cancellation);
    }

    private static async Task<long> RemoveAsync(PostgresUrl url)
    {
        await using var session = await PostgresServer.OpenAsync(url, Cancellation);
        return await DemoDataRows.RemoveAsync(session, "Ana Ruiz", Cancellation);
    }

    private static Task<long> CountAsync(PostgresUrl url, string what) =>
        TenantDatabases.ScalarAsync<long>(url, $"SELECT count(*) FROM {what}");
}
