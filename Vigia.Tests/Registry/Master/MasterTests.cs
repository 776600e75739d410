using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Master;

public sealed class MasterTests(PostgresServer server)
{
    private const string ProductsTable =
        """
        CREATE TABLE clientes_saas (
            id serial PRIMARY KEY, ruc varchar(11) NOT NULL UNIQUE, razon_social varchar(255),
            subdominio varchar(63) NOT NULL UNIQUE, correo_acceso varchar(255),
            contacto_nombre varchar(255), plan varchar(50), entorno varchar(20), is_active boolean, config jsonb,
            limitar_emision boolean,
            max_comprobantes integer, max_usuarios integer, max_establecimientos integer);
        INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, entorno, is_active, max_usuarios)
        VALUES ('20131312955', 'Farmacéutica Vieja', 'vieja', 'a@vieja.pe', 'produccion', true, 3),
            ('123', '', 'Con_Guion', NULL, 'prueba', NULL, -1);
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_TwoInstancesAtOnceOnAnEmptyDatabase_BothRun()
    {
        var master = await server.CreateDatabaseAsync(null, null, Cancellation);

        var hosts = await Task.WhenAll(
            CoreHost.StartAsync(server, workers: false, master: master),
            CoreHost.StartAsync(server, workers: false, master: master));

        Assert.Equal(hosts[0].Get<MasterIdentity>().MasterId, hosts[1].Get<MasterIdentity>().MasterId);
        await hosts[0].DisposeAsync();
        await hosts[1].DisposeAsync();
    }

    [Fact]
    public async Task Start_DatabaseMissing_IsRefusedAndNotCreated()
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => CoreHost.StartAsync(server, workers: false, master: server.PortalUrl("no_such_master")));

        Assert.Equal(PostgresErrorCodes.InvalidCatalogName, refused.SqlState);
        await Assert.ThrowsAsync<PostgresException>(
            () => PostgresServer.OpenAsync(server.SuperuserUrl("no_such_master"), Cancellation));
    }

    [Fact]
    public async Task Start_RegistryOfTheProduct_IsTakenOverUnchanged()
    {
        var master = await server.CreateDatabaseAsync(null, null, Cancellation);
        await PostgresServer.ExecuteAsync(master, ProductsTable, Cancellation);

        await using var host = await CoreHost.StartAsync(server, master: master);
        await PostgresServer.ExecuteAsync(
            master,
            """
            INSERT INTO clientes_saas (
                ruc, razon_social, subdominio, correo_acceso, contacto_nombre, plan, entorno, is_active, config,
                limitar_emision, max_comprobantes, max_usuarios, max_establecimientos)
            VALUES ('20100000009', 'Nueva', 'nueva', 'b@n.pe', 'Luz', 'x', 'demo', true, '{}', false, 1, 2, 3)
            """, Cancellation);

        var admin = new Actor(Guid.NewGuid(), "Ana", null, [StaffRoles.Administrator]);
        var all = await host.Get<TenantSearch>().SearchAsync(admin, new TenantQuery(), Cancellation);
        Assert.Equal(3, all.Total);
        Assert.All(all.Items, t => Assert.False(t.IsManaged));
        var old = (await host.Get<TenantSearch>()
            .SearchAsync(admin, new TenantQuery { Q = "farmaceutica" }, Cancellation)).Items.Single();
        Assert.Equal(("vigia_vieja", 3, true), (old.Row.DatabaseName, old.Row.MaxUsers, old.Row.IsActive));
        Assert.Equal("vigia_nueva",
            await host.ScalarAsync<string>(
            master.Database, "SELECT db_name FROM clientes_saas WHERE ruc = '20100000009'"));
        Assert.Equal(
            "config_is_object:0 correo_acceso_present:1 razon_social_present:1 vigia_entorno_known:1 "
            + "vigia_limits_not_negative:1 vigia_ruc_digits:1 vigia_subdominio_form:1",
            await host.ScalarAsync<string>(
                master.Database,
                """
                SELECT string_agg(
                    r || ':' || (SELECT count(*) FROM portal.registry_violations v WHERE v.rule = r), ' ' ORDER BY r)
                FROM unnest(ARRAY['vigia_ruc_digits', 'vigia_subdominio_form', 'vigia_entorno_known',
                    'vigia_limits_not_negative', 'razon_social_present', 'correo_acceso_present',
                    'config_is_object']) r
                """));
        var refused = await Assert.ThrowsAsync<RuleException>(
            () => host.Get<TenantProvisioning>().ProvisionAsync(admin, old.Id, Cancellation));
        Assert.Equal("tenant_unmanaged", refused.Reason.Code);
    }

    /// <summary>
    /// A column that can't be read is found before anything is written, and the statements in the message mend it.
    /// </summary>
    [Theory]
    [InlineData("ADD created_at timestamp DEFAULT now(), ADD updated_at timestamp",
        "created_at timestamp without time zone NULL, updated_at timestamp without time zone NULL")]
    [InlineData("ADD created_at timestamptz", "created_at timestamp with time zone NULL")]
    [InlineData("ALTER config TYPE text", "config text")]
    [InlineData("ALTER max_usuarios TYPE bigint", "max_usuarios bigint")]
    [InlineData("ALTER plan TYPE test_plan USING plan::test_plan", "plan test_plan")]
    public async Task Start_RegistryWithAnotherColumnType_IsRefusedUntouched(
        string change, string said)
    {
        var master = await server.CreateDatabaseAsync(null, null, Cancellation);
        await PostgresServer.ExecuteAsync(
            master, $"{ProductsTable} CREATE TYPE test_plan AS ENUM ('basico'); ALTER TABLE clientes_saas {change}",
            Cancellation);

        var refused = await Assert.ThrowsAsync<RuleException>(
            () => CoreHost.StartAsync(server, workers: false, master: master));

        Assert.Equal(("registry_columns", said), (refused.Reason.Code, refused.Reason.Args[0]));
        await using (var connection = await PostgresServer.OpenAsync(master, Cancellation))
        await using (var touched = new NpgsqlCommand("SELECT to_regnamespace('portal') IS NOT NULL", connection))
        {
            Assert.False((bool)(await touched.ExecuteScalarAsync(Cancellation))!);
        }

        await PostgresServer.ExecuteAsync(master, refused.Reason.Args[1], Cancellation);
        await using var host = await CoreHost.StartAsync(server, master: master);
        var admin = new Actor(Guid.NewGuid(), "Ana", null, [StaffRoles.Administrator]);
        Assert.Equal(
            2, (await host.Get<TenantSearch>().SearchAsync(admin, new TenantQuery(), Cancellation)).Items.Count);
    }

    [Fact]
    public async Task TakeOver_RowsThatBreakRules_CanStillBeChanged()
    {
        var master = await server.CreateDatabaseAsync(null, null, Cancellation);
        await PostgresServer.ExecuteAsync(master, ProductsTable, Cancellation);
        await using var host = await CoreHost.StartAsync(server, master: master);
        var admin = new Actor(Guid.NewGuid(), "Ana", null, [StaffRoles.Administrator]);
        var id = await host.ScalarAsync<int>(master.Database, "SELECT id FROM clientes_saas WHERE ruc = '123'");

        await PostgresServer.ExecuteAsync(
            master, "UPDATE clientes_saas SET contacto_nombre = 'Luz', max_usuarios = max_usuarios WHERE ruc = '123'",
            Cancellation);
        await host.Get<TenantActivation>().SuspendAsync(admin, id, "seguridad", null, Cancellation);

        Assert.Equal("Luz", (await host.Get<TenantSearch>().GetAsync(admin, id, Cancellation)).View!.Row.ContactName);
        foreach (var (change, rule) in new[] { ("ruc = '12a'", "vigia_ruc_digits"),
            ("subdominio = 'Otro_Guion'", "vigia_subdominio_form"), ("entorno = 'pruebas'", "vigia_entorno_known"),
            ("max_usuarios = -2", "vigia_limits_not_negative") })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(
                () => PostgresServer.ExecuteAsync(
                master, $"UPDATE clientes_saas SET {change} WHERE ruc = '123'", Cancellation));
            Assert.Equal((PostgresErrorCodes.CheckViolation, rule), (refused.SqlState, refused.ConstraintName));
        }

        await Assert.ThrowsAsync<PostgresException>(
            () => PostgresServer.ExecuteAsync(
            master, "INSERT INTO clientes_saas (ruc, subdominio, entorno) VALUES ('20100000009', 'nueva', 'otro')",
            Cancellation));
        await PostgresServer.ExecuteAsync(
            master,
            """
            INSERT INTO clientes_saas (ruc, subdominio, is_active, limitar_emision)
            VALUES ('20100000017', 'nulos', NULL, NULL);
            UPDATE clientes_saas SET is_active = NULL, limitar_emision = NULL WHERE ruc = '123'
            """, Cancellation);
        var all = await host.Get<TenantSearch>().SearchAsync(admin, new TenantQuery(), Cancellation);
        Assert.Equal([(true, false), (true, false), (false, false)],
            all.Items.OrderByDescending(t => t.Row.IsActive).Select(t => (t.Row.IsActive, t.Row.LimitIssuance)));
    }

    [Fact]
    public async Task Start_MasterOfANewerBuild_IsRefused()
    {
        await using var first = await CoreHost.StartAsync(server, workers: false);
        await PostgresServer.ExecuteAsync(
            first.Master, "INSERT INTO portal.migrations VALUES ('29990101000000_Future', '99.0.0')", Cancellation);

        var refused = await Assert.ThrowsAsync<RuleException>(
            () => CoreHost.StartAsync(server, workers: false, master: first.Master));

        Assert.Equal(("master_newer", "29990101000000_Future"), (refused.Reason.Code, refused.Reason.Args[0]));
    }

    [Fact]
    public async Task RecurringJobs_TwoInstances_QueueEachTickOnce()
    {
        await using var first = await CoreHost.StartAsync(server);
        await using var second = await CoreHost.StartAsync(server, master: first.Master);
        await first.Get<RecurringJobs>().EnqueueDueAsync(Cancellation);
        await PostgresServer.ExecuteAsync(
            first.Master,
            "UPDATE portal.recurring_ticks SET last_tick = now() - interval '3 hours' WHERE job = 'empty_trash'",
            Cancellation);

        await Task.WhenAll(Enumerable.Range(0, 6)
            .Select(i => (i % 2 == 0 ? first : second).Get<RecurringJobs>().EnqueueDueAsync(Cancellation)));

        // One of the six calls queued it, or a loop of one of the two instances.
        Assert.Equal(1L, await first.ScalarAsync<long>(
            first.Master.Database, "SELECT count(*) FROM portal.operations WHERE kind = 'empty_trash'"));
    }
}
