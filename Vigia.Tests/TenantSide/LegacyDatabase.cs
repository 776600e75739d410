using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.TenantSchema;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSide;

/// <summary>
/// The database of an installation with a single tenant. It belongs to a role of the product, which DATABASE_URL names.
/// </summary>
public sealed class LegacyDatabase : IAsyncDisposable
{
    // A hash by another program, with bcrypt at cost 10. The password is TenantSideHost.Password.
    private static readonly string Hash = BCrypt.Net.BCrypt.HashPassword(
        TenantSideHost.Password, BCrypt.Net.BCrypt.GenerateSalt(10, 'b'));

    private readonly PostgresServer _server;
    private readonly string _role = $"test_product_{Guid.NewGuid():n}";
    private readonly string _password = PasswordGenerator.Create();

    private LegacyDatabase(PostgresServer server) => _server = server;

    public string Name { get; } = $"test_vigiadb_{Guid.NewGuid():n}";

    /// <summary>The value of DATABASE_URL.</summary>
    public PostgresUrl Url => _server.SuperuserUrl(Name).WithUser(_role, _password);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A database with the nine tables of the product, and a table that nobody knows.</summary>
    public static async Task<LegacyDatabase> WithNineTablesAsync(PostgresServer server)
    {
        var made = await CreateAsync(server);
        using var reader = new StreamReader(
            typeof(LegacyDatabase).Assembly.GetManifestResourceStream("nine-tables.sql")!);
        await PostgresServer.ExecuteAsync(made.Url, await reader.ReadToEndAsync(Cancellation), Cancellation);

        // As SQLAlchemy makes columns of these types.
        await PostgresServer.ExecuteAsync(made.Url, """
            DROP TABLE tenant_limits, audit_log, "__EFMigrationsHistory";
            DROP TRIGGER users_sync_roles ON users;
            ALTER TABLE users DROP CONSTRAINT users_custom_permissions_check, DROP CONSTRAINT users_roles_check;
            ALTER TABLE users ALTER created_at DROP DEFAULT, ALTER updated_at DROP DEFAULT,
                ALTER created_at TYPE timestamp, ALTER updated_at TYPE timestamp, ALTER roles DROP DEFAULT,
                ALTER roles TYPE varchar(64)[], ALTER is_active DROP NOT NULL, ALTER custom_permissions TYPE json;
            CREATE TABLE ajena (id serial PRIMARY KEY, nota text);
            INSERT INTO ajena (nota) SELECT 'nota ' || n FROM generate_series(1, 50) n;
            INSERT INTO icsr (numero, paciente_iniciales) SELECT 'LAB-' || n, 'AB' FROM generate_series(1, 50) n
            """, Cancellation);
        return made;
    }

    /// <summary>A database with our own tables, which the portal did not make.</summary>
    public static async Task<LegacyDatabase> WithOwnTablesAsync(PostgresServer server)
    {
        var made = await CreateAsync(server);
        await using var session = await PostgresServer.OpenAsync(made.Url, Cancellation);
        await new TenantMigrator(TenantSchemaVersions.OfThisBuild)
            .MigrateAsync(session, TimeSpan.FromSeconds(10), Cancellation);
        return made;
    }

    /// <summary>Adds a user as the product does, with <see cref="TenantSideHost.Password"/>.</summary>
    public Task AddUserAsync(string login, string role = "admin") => PostgresServer.ExecuteAsync(Url, $"""
        INSERT INTO users (username, email, hashed_password, is_active, roles, created_at, updated_at)
        VALUES ('{login}', '{login}@legado.pe', '{Hash}', true, ARRAY['{role}'], now(), now())
        """, Cancellation);

    /// <summary>
    /// A text that any DDL changes: each row of the catalogue with the transaction that wrote it, and the catalogue's
    /// row of the database itself.
    /// </summary>
    public Task<string> CatalogueAsync()
    {
        string[] catalogues =
        [
            "pg_class", "pg_proc", "pg_type", "pg_trigger", "pg_constraint", "pg_namespace", "pg_extension",
            "pg_default_acl", "pg_policy", "pg_event_trigger", "pg_rewrite", "pg_attrdef",
        ];
        var rows = catalogues.Select(name =>
            $"SELECT '{name}' AS name, string_agg(oid || ':' || xmin, ',' ORDER BY oid) AS rows FROM {name}");
        return ScalarAsync($"""
            SELECT (SELECT string_agg(c.name || ' ' || coalesce(c.rows, '-'), E'\n' ORDER BY c.name) FROM (
                    {string.Join(" UNION ALL ", rows)}
                    UNION ALL SELECT 'pg_attribute',
                        string_agg(attrelid || ':' || attnum || ':' || xmin, ',' ORDER BY attrelid, attnum)
                        FROM pg_attribute
                    UNION ALL SELECT 'pg_description',
                        string_agg(objoid || ':' || xmin, ',' ORDER BY objoid, objsubid) FROM pg_description) c)
                || (SELECT d.xmin || ' ' || coalesce(datacl::text, '-') || datallowconn || datconnlimit
                    || coalesce(shobj_description(d.oid, 'pg_database'), '-')
                    || (SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = d.oid)
                    FROM pg_database d WHERE datname = current_database())
            """);
    }

    /// <summary>The number of rows of a table, and the checksum of all of them.</summary>
    public Task<string> ChecksumAsync(string table) => ScalarAsync(
        $"SELECT count(*) || ':' || coalesce(md5(string_agg(t::text, E'\n' ORDER BY t::text)), '-') FROM {table} t");

    /// <summary>The checksums of all tables.</summary>
    public async Task<string> ChecksumsAsync()
    {
        var tables = await ScalarAsync("""
            SELECT string_agg(format('%I.%I', schemaname, tablename), ' ' ORDER BY schemaname, tablename)
            FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
            """);
        var sums = new List<string>();
        foreach (var table in tables.Split(' '))
        {
            sums.Add($"{table} {await ChecksumAsync(table)}");
        }

        return string.Join('\n', sums);
    }

    /// <summary>Reads a value as text.</summary>
    public async Task<string> ScalarAsync(string sql)
    {
        await using var session = await PostgresServer.OpenAsync(_server.SuperuserUrl(Name), Cancellation);
        await using var command = new Npgsql.NpgsqlCommand(sql, session);
        return $"{await command.ExecuteScalarAsync(Cancellation)}";
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DropDatabaseAsync(Name, CancellationToken.None);
        await PostgresServer.ExecuteAsync(
            _server.SuperuserUrl("postgres"), $"DROP ROLE {_role}", CancellationToken.None);
    }

    private static async Task<LegacyDatabase> CreateAsync(PostgresServer server)
    {
        var made = new LegacyDatabase(server);
        var maintenance = server.SuperuserUrl("postgres");
        await using (var session = await PostgresServer.OpenAsync(server.PortalUrl("postgres"), Cancellation))
        {
            // The scripts grant to it.
            await RoleDdl.EnsureTenantGroupAsync(session, Cancellation);
        }

        await PostgresServer.ExecuteAsync(maintenance,
            $"CREATE ROLE {made._role} LOGIN PASSWORD {SqlLiteral.Quote(ScramVerifier.Create(made._password))}",
            Cancellation);
        await PostgresServer.ExecuteAsync(maintenance,
            $"CREATE DATABASE {made.Name} TEMPLATE template0 ENCODING 'UTF8' OWNER {made._role}", Cancellation);
        return made;
    }
}
