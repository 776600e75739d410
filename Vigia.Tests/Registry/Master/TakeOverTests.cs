using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Master;

/// <summary>
/// The registry is the table of a live product. It is owned by the product's role, by another role or by the portal's
/// role. The portal takes it over, and no statement of the product needs a right in the portal's schema.
/// </summary>
public sealed class TakeOverTests(PostgresServer server)
{
    private static readonly Actor Admin = new(Guid.NewGuid(), "Ana", null, [StaffRoles.Administrator]);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RegistryOwner.Owner)]
    [InlineData(RegistryOwner.Product)]
    [InlineData(RegistryOwner.Portal)]
    [InlineData(RegistryOwner.Superuser)]
    public async Task Start_EachOwnerOfTheRegistry_NamesMissingRightsThenWorks(RegistryOwner owner)
    {
        await using var product = await LiveProduct.CreateAsync(server, owner);
        await product.WorkAsync(1);

        // The test follows the advice literally, and that is enough.
        var refused = await Assert.ThrowsAsync<RuleException>(
            () => CoreHost.StartAsync(server, workers: false, master: product.AsPortal));
        Assert.Equal(("registry_rights_missing", PostgresServer.PortalRole, product.Database),
            (refused.Reason.Code, refused.Reason.Args[0], refused.Reason.Args[1]));
        Assert.EndsWith(refused.Reason.Args[2], refused.Reason.RenderAdvice(), StringComparison.Ordinal);
        Assert.Equal(0L, await ScalarAsync<long>(
            product, "SELECT count(*) FROM pg_namespace WHERE nspname = 'portal'"));
        await PostgresServer.ExecuteAsync(product.AsSuperuser, refused.Reason.Args[2], Cancellation);
        await using var host = await CoreHost.StartAsync(server, workers: false, master: product.AsPortal);

        Assert.False(await ScalarAsync<bool>(
            product,
            $"""
            SELECT bool_or(has_schema_privilege(r, 'portal', 'USAGE') OR has_schema_privilege(r, 'portal', 'CREATE'))
            FROM unnest(ARRAY['{product.ProductRole}', '{product.OwnerRole}']) r
            """));
        await product.WorkAsync(2);
        if (owner is RegistryOwner.Owner or RegistryOwner.Product)
        {
            // The owner of the table stays the same.
            var asOwner = owner == RegistryOwner.Owner ? product.AsOwner : product.AsProduct;
            await PostgresServer.ExecuteAsync(asOwner, "ANALYZE clientes_saas", Cancellation);
            await PostgresServer.ExecuteAsync(asOwner, "VACUUM clientes_saas", Cancellation);
            await PostgresServer.ExecuteAsync(asOwner, "REINDEX TABLE clientes_saas", Cancellation);
            await PostgresServer.ExecuteAsync(
                asOwner,
                """
                ALTER TABLE clientes_saas
                    ADD COLUMN zona text NOT NULL DEFAULT 'norte', ALTER COLUMN contacto_nombre TYPE text;
                CREATE INDEX ON clientes_saas (zona)
                """, Cancellation);
        }

        // All rows are filled in and found, including the ones that the product has just written. The portal can write,
        // too.
        Assert.Equal(0L, await ScalarAsync<long>(
            product,
            """
            SELECT count(*) FROM clientes_saas
            WHERE is_active IS NULL OR limitar_emision IS NULL OR db_name IS DISTINCT FROM 'vigia_' || subdominio
            """));
        Assert.Equal(LiveProduct.Tenants, (await FindAsync(host, "nandu")).Total);
        Assert.Equal(["Droguería Añaños y Cía. 1", "Droguería Añaños y Cía. 2"],
            (await FindAsync(host, "ananos cia")).Items.Select(i => i.Row.LegalName));
        Assert.Equal(0, (await FindAsync(host, "otra drogueria")).Total);
        var tenant = (await FindAsync(host, "drogueria-2")).Items.Single().Id;
        await host.Get<TenantActivation>().ReactivateAsync(Admin, tenant, Cancellation);
        var registered = await host.Get<TenantRegistration>().RegisterAsync(Admin, new RegisterTenant
        {
            Ruc = Rucs.Next(880), Subdomain = "nueva", Provision = false,
            Details = new TenantDetails
            {
                LegalName = "Nueva S.A.C.", AccessEmail = "a@n.pe", Plan = "basico",
                Environment = "produccion"
            },
        }, Cancellation);
        Assert.Equal("a@n.pe",
            await ScalarAsync<string>(
            product, $"SELECT correo_acceso FROM clientes_saas WHERE id = {registered.TenantId}"));
        await PostgresServer.ExecuteAsync(
            product.AsProduct, $"DELETE FROM clientes_saas WHERE id = {registered.TenantId}", Cancellation);
        Assert.Equal(0, (await FindAsync(host, "nueva")).Total);
        Assert.Equal(0L, await ScalarAsync<long>(
            product, $"SELECT count(*) FROM portal.tenant_search WHERE id = {registered.TenantId}"));
    }

    [Theory]
    [Trait("needs", "pg_dump")]
    [InlineData(RegistryOwner.Product)]
    [InlineData(RegistryOwner.Portal)]
    public async Task Dump_OfTheRegistryAlone_CanBeRestored(RegistryOwner owner)
    {
        await using var product = await LiveProduct.CreateAsync(server, owner);
        await RestoreElsewhereAsync(product, "");
        await using (await TakeOverAsync(product))
        {
            await product.WorkAsync(1);
        }

        // Without the portal's schema the triggers have no functions. All rows, columns, constraints and indexes are
        // there.
        await RestoreElsewhereAsync(product, "schema \"portal\" does not exist");

        // With the portal's schema, nothing is missing.
        var dump = await Psql.DumpAsync(product.AsProduct, Cancellation, "--table", "public.clientes_saas");
        await PostgresServer.ExecuteAsync(
            product.AsSuperuser,
            "UPDATE clientes_saas SET razon_social = 'Otra' WHERE id = 7; DELETE FROM clientes_saas WHERE id = 8; "
            + "DROP TABLE public.clientes_saas CASCADE", Cancellation);
        Assert.Equal((0, ""), await Psql.RestoreAsync(product.AsSuperuser, dump, Cancellation));
        await product.WorkAsync(2);
        Assert.Equal(LiveProduct.Tenants + 2, await ScalarAsync<long>(product, "SELECT count(*) FROM clientes_saas"));
    }

    [Fact]
    public async Task Search_RowsWrittenWithoutTriggers_AreFoundSoonAfterAStart()
    {
        await using var product = await LiveProduct.CreateAsync(server, RegistryOwner.Portal);
        await using (await TakeOverAsync(product))
        {
            await PostgresServer.ExecuteAsync(
                product.AsSuperuser,
                """
                SET session_replication_role = replica;
                UPDATE clientes_saas SET razon_social = 'Perdida' WHERE id BETWEEN 100 AND 699;
                DELETE FROM clientes_saas WHERE id = 1;
                INSERT INTO clientes_saas (ruc, razon_social, subdominio)
                VALUES ('10000000001', 'Perdida también', 'perdida');
                """, Cancellation);
        }

        await using var host = await CoreHost.StartAsync(server, workers: false, master: product.AsPortal);

        await Eventually.HoldsAsync(
            "the registry is completed", async () => (await FindAsync(host, "perdida")).Total == 601, Cancellation);
        Assert.Equal(LiveProduct.Tenants - 601, (await FindAsync(host, "nandu")).Total);
        Assert.Equal(0L, await ScalarAsync<long>(product, "SELECT count(*) FROM portal.tenant_search WHERE id = 1"));
        await PostgresServer.ExecuteAsync(product.AsPortal, "TRUNCATE clientes_saas", Cancellation);
        Assert.Equal(0L, await ScalarAsync<long>(product, "SELECT count(*) FROM portal.tenant_search"));
    }

    [Fact]
    public async Task Start_RegistryLockedByTheProduct_RetriesWithoutBlocking()
    {
        await using var product = await LiveProduct.CreateAsync(server, RegistryOwner.Product);
        await FollowAdviceAsync(product);
        await using var reader = await PostgresServer.OpenAsync(product.AsProduct, Cancellation);
        await RunAsync(reader, "SET application_name = 'informe'; BEGIN; SELECT count(*) FROM clientes_saas");
        var log = new LogCapture();

        var starting = CoreHost.StartAsync(
            server, workers: false, s => s.AddSingleton<ILoggerProvider>(log), product.AsPortal);
        await Eventually.HoldsAsync(
            "it has tried twice", () => Task.FromResult(Retries(log).Count() >= 2 || starting.IsCompleted),
            Cancellation, TimeSpan.FromSeconds(60));

        if (starting.IsCompleted)
        {
            await starting;
        }

        // The product, which arrives meanwhile, waits at most until the next pause between two attempts.
        await product.WorkAsync(1);
        Assert.False(starting.IsCompleted);
        Assert.All(Retries(log),
            line => Assert.Contains(
            $"{product.ProductRole} {reader.ProcessID} (informe)", line, StringComparison.Ordinal));
        await RunAsync(reader, "COMMIT");
        await using var host = await starting;

        await product.WorkAsync(2);
        Assert.Equal(2, (await FindAsync(host, "ananos")).Total);
    }

    [Fact]
    public async Task Migrate_StatementLongerThanTheCommandTimeout_IsWaitedFor()
    {
        await using var product = await LiveProduct.CreateAsync(server, RegistryOwner.Portal);
        await FollowAdviceAsync(product);
        await PostgresServer.ExecuteAsync(
            product.AsSuperuser,
            """
            CREATE FUNCTION public.slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
                IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands()
                           WHERE object_identity = 'public.ix_clientes_saas_razon_social') THEN
                    PERFORM pg_sleep(2);
                END IF;
            END $$;
            CREATE EVENT TRIGGER slow ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION public.slow();
            """, Cancellation);
        var settings = new NpgsqlConnectionStringBuilder(product.AsPortal.ConnectionString) { CommandTimeout = 1 };
#pragma warning disable RS0030 // The migrator works on a data source, as in the portal.
        await using var source = new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
#pragma warning restore RS0030

        await new MasterMigrator(source, TimeProvider.System, NullLogger<MasterMigrator>.Instance)
            .MigrateAsync(Cancellation);

        Assert.Equal(LiveProduct.Tenants,
            await ScalarAsync<long>(product, "SELECT count(*) FROM portal.tenant_search"));
    }

    [Fact]
    public async Task Start_MissingRights_NamesTheStatement()
    {
        await using var product = await LiveProduct.CreateAsync(server, RegistryOwner.Owner);
        await using (await TakeOverAsync(product))
        {
            await PostgresServer.ExecuteAsync(
                product.AsSuperuser, $"REVOKE {product.OwnerRole} FROM {PostgresServer.PortalRole}", Cancellation);
        }

        await FollowAdviceAsync(product);

        await using var host = await CoreHost.StartAsync(server, workers: false, master: product.AsPortal);
        await host.Get<TenantActivation>()
            .SuspendAsync(Admin, (await FindAsync(host, "20000000077")).Items.Single().Id, "seguridad", null,
            Cancellation);
    }

    private async Task<CoreHost> TakeOverAsync(LiveProduct product)
    {
        await FollowAdviceAsync(product);
        return await CoreHost.StartAsync(server, workers: false, master: product.AsPortal);
    }

    private async Task FollowAdviceAsync(LiveProduct product)
    {
        var refused = await Assert.ThrowsAsync<RuleException>(
            () => CoreHost.StartAsync(server, workers: false, master: product.AsPortal));
        Assert.Equal("registry_rights_missing", refused.Reason.Code);
        await PostgresServer.ExecuteAsync(product.AsSuperuser, refused.Reason.Args[2], Cancellation);
    }

    // pg_dump as the product's role, then psql into an empty database.
    private async Task RestoreElsewhereAsync(LiveProduct product, string expectedError)
    {
        var dump = await Psql.DumpAsync(product.AsProduct, Cancellation, "--table", "public.clientes_saas");
        var other = await server.CreateDatabaseAsync(null, null, Cancellation);
        try
        {
            var (exitCode, errors) = await Psql.RestoreAsync(server.SuperuserUrl(other.Database), dump, Cancellation);

            Assert.Equal(0, exitCode);
            Assert.All(
                errors.Split('\n', StringSplitOptions.RemoveEmptyEntries),
                line => Assert.True(
                    expectedError.Length > 0 && line.EndsWith(expectedError, StringComparison.Ordinal), line));
            foreach (var same in new[]
            {
                "SELECT md5(string_agg(c::text, '|' ORDER BY id)) FROM clientes_saas c",
                """
                SELECT string_agg(pg_get_indexdef(indexrelid), '|' ORDER BY indexrelid::regclass::text)
                FROM pg_index WHERE indrelid = 'public.clientes_saas'::regclass
                """,
                """
                SELECT string_agg(conname || pg_get_constraintdef(oid), '|' ORDER BY conname)
                FROM pg_constraint WHERE conrelid = 'public.clientes_saas'::regclass
                """,
            })
            {
                Assert.Equal(await ScalarAsync<string>(product, same),
                    await ScalarAsync<string>(server.SuperuserUrl(other.Database), same));
            }
        }
        finally
        {
            await server.DropDatabaseAsync(other.Database, CancellationToken.None);
        }
    }

    private static IEnumerable<string> Retries(LogCapture log) =>
        log.Lines.Where(l => l.Contains("The registry is in use by", StringComparison.Ordinal));

    private static Task<TenantPage> FindAsync(CoreHost host, string text) =>
        host.Get<TenantSearch>().SearchAsync(Admin, new TenantQuery { Q = text }, Cancellation);

    private static Task<T?> ScalarAsync<T>(LiveProduct product, string sql) => ScalarAsync<T>(product.AsSuperuser, sql);

    private static async Task<T?> ScalarAsync<T>(PostgresUrl url, string sql)
    {
        await using var session = await PostgresServer.OpenAsync(url, Cancellation);
        await using var command = new NpgsqlCommand(sql, session);
        return await command.ExecuteScalarAsync(Cancellation) is T value ? value : default;
    }

    private static async Task RunAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
