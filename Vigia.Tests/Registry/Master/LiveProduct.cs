using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Postgres;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Master;

/// <summary>The role that owns the product's registry.</summary>
public enum RegistryOwner
{
    /// <summary>A role that only creates and alters tables.</summary>
    Owner,

    /// <summary>The role that the product works with.</summary>
    Product,

    /// <summary>The role that the portal works with.</summary>
    Portal,

    /// <summary>A superuser.</summary>
    Superuser,
}

/// <summary>
/// A database that the product uses: its filled registry, an owner, and a role that the product works with. Neither
/// role belongs to the portal.
/// </summary>
public sealed class LiveProduct : IAsyncDisposable
{
    /// <summary>More rows than the portal fills in with one statement.</summary>
    public const int Tenants = 1200;

    // The table as the product's own documentation defines it, with one column that only the product knows.
    private const string Table = """
        CREATE TABLE public.clientes_saas (
            id serial PRIMARY KEY, ruc varchar(11) NOT NULL UNIQUE, razon_social varchar(255),
            subdominio varchar(63) NOT NULL UNIQUE, correo_acceso varchar(255),
            contacto_nombre varchar(255), plan varchar(50), entorno varchar(20), is_active boolean, config jsonb,
            limitar_emision boolean,
            max_comprobantes integer, max_usuarios integer, max_establecimientos integer, vendedor text);
        """;

    private readonly PostgresServer _server;
    private readonly string _id = Guid.NewGuid().ToString("n")[..12];
    private readonly string _password = PasswordGenerator.Create();

    private LiveProduct(PostgresServer server) => _server = server;

    public string OwnerRole => $"test_owner_{_id}";

    public string ProductRole => $"test_product_{_id}";

    public string Database => $"test_product_{_id}";

    public PostgresUrl AsSuperuser => _server.SuperuserUrl(Database);

    public PostgresUrl AsPortal => _server.PortalUrl(Database);

    public PostgresUrl AsProduct => AsSuperuser.WithUser(ProductRole, _password);

    public PostgresUrl AsOwner => AsSuperuser.WithUser(OwnerRole, _password);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<LiveProduct> CreateAsync(PostgresServer server, RegistryOwner owner)
    {
        var product = new LiveProduct(server);
        var verifier = SqlLiteral.Quote(ScramVerifier.Create(product._password));
        var maintenance = server.SuperuserUrl("postgres");
        await PostgresServer.ExecuteAsync(
            maintenance,
            $"CREATE ROLE {product.OwnerRole} LOGIN PASSWORD {verifier}; "
            + $"CREATE ROLE {product.ProductRole} LOGIN PASSWORD {verifier}", Cancellation);
        await PostgresServer.ExecuteAsync(
            maintenance,
            $"CREATE DATABASE {product.Database} TEMPLATE template0 ENCODING 'UTF8' OWNER {product.OwnerRole}",
            Cancellation);
        var name = owner switch
        {
            RegistryOwner.Owner => product.OwnerRole,
            RegistryOwner.Product => product.ProductRole,
            RegistryOwner.Portal => PostgresServer.PortalRole,
            _ => product.AsSuperuser.Username,
        };
        await PostgresServer.ExecuteAsync(
            product.AsSuperuser,
            $"""
            {Table}
            ALTER TABLE public.clientes_saas OWNER TO {SqlIdentifier.Quote(name)};
            GRANT SELECT, INSERT, UPDATE, DELETE ON public.clientes_saas TO {product.ProductRole};
            {(owner == RegistryOwner.Product ? $"GRANT CREATE ON SCHEMA public TO {product.ProductRole};" : "")}
            GRANT USAGE, SELECT ON SEQUENCE public.clientes_saas_id_seq TO {product.ProductRole};
            INSERT INTO public.clientes_saas (
                ruc, razon_social, subdominio, correo_acceso, plan, entorno, is_active, max_usuarios, vendedor)
            SELECT '2' || lpad(i::text, 10, '0'), 'Botica Ñandú ' || i, 'botica-' || i, 'a@botica-' || i || '.pe',
                'basico', 'produccion', nullif(i % 3, 0) > 0, 3, 'Luz' FROM generate_series(1, {Tenants}) i;
            """, Cancellation);
        return product;
    }

    /// <summary>
    /// Does the usual work of the product, as the product's role. The tenant that it creates has unique values.
    /// </summary>
    public async Task WorkAsync(int number)
    {
        var ruc = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"1{number:0000000000}");
        await PostgresServer.ExecuteAsync(
            AsProduct,
            $"""
            INSERT INTO clientes_saas (
                ruc, razon_social, subdominio, correo_acceso, contacto_nombre, plan, entorno, is_active, config,
                limitar_emision, max_comprobantes, max_usuarios, max_establecimientos)
            VALUES ('{ruc}', 'Droguería Añaños {number}', 'drogueria-{number}', 'b@d{number}.pe', 'Luz', 'x', 'demo',
                true, '{"{}"}', false, 1, 2, 3);
            INSERT INTO clientes_saas (ruc, subdominio) VALUES ('{ruc}', 'otra')
                ON CONFLICT (ruc) DO UPDATE SET contacto_nombre = 'Ana';
            UPDATE clientes_saas SET razon_social = 'Droguería Añaños y Cía. {number}', is_active = false
                WHERE ruc = '{ruc}';
            UPDATE clientes_saas SET vendedor = 'Ana' WHERE id <= 20;
            SELECT * FROM clientes_saas WHERE razon_social ILIKE '%drog%' ORDER BY razon_social;
            SELECT count(*) FROM clientes_saas GROUP BY plan;
            """, Cancellation);
        await PostgresServer.ExecuteAsync(
            AsProduct,
            $"""
            BEGIN;
            SELECT * FROM clientes_saas WHERE ruc = '{ruc}' FOR UPDATE;
            DELETE FROM clientes_saas WHERE ruc = '{ruc}';
            ROLLBACK;
            """, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DropDatabaseAsync(Database, CancellationToken.None);
        await PostgresServer.ExecuteAsync(
            _server.SuperuserUrl("postgres"), $"DROP ROLE {OwnerRole}, {ProductRole}", CancellationToken.None);
    }
}
