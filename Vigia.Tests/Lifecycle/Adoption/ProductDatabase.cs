using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Postgres;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Adoption;

/// <summary>
/// A database as the product makes it: owned by a role of the product's, with its own tables beside those that the
/// portal knows.
/// </summary>
public sealed class ProductDatabase : IAsyncDisposable
{
    /// <summary>The tables of a small installation of the product.</summary>
    public const string Tables = """
        CREATE TABLE users (id serial PRIMARY KEY, username varchar(64) UNIQUE, email varchar(255) NOT NULL UNIQUE,
            hashed_password varchar(255) NOT NULL, is_active boolean DEFAULT true, roles varchar[] DEFAULT '{}',
            custom_permissions jsonb);
        CREATE TABLE icsr (id serial PRIMARY KEY, codigo_interno varchar(50), estado varchar(40) DEFAULT 'Pendiente',
            descripcion_evento text);
        CREATE TABLE products (id serial PRIMARY KEY, nombre varchar(200) NOT NULL);
        CREATE TABLE facturas (id serial PRIMARY KEY, serie text NOT NULL, total numeric(12,2));
        INSERT INTO users (username, email, hashed_password, roles)
            VALUES ('admin', 'admin@producto.pe', '-', ARRAY['admin']), ('ana', 'ana@producto.pe', '-', ARRAY['qf']);
        INSERT INTO icsr (codigo_interno, descripcion_evento) SELECT 'C-' || i, 'evento ' || i
            FROM generate_series(1, 20) i;
        INSERT INTO products (nombre) SELECT 'producto ' || i FROM generate_series(1, 5) i;
        INSERT INTO facturas (serie, total) SELECT 'F001', i FROM generate_series(1, 7) i;
        """;

    private readonly PostgresServer _server;
    private readonly bool _ownsRole;

    private ProductDatabase(PostgresServer server, string name, string owner, string password, bool ownsRole)
    {
        (_server, Name, Owner, _ownsRole) = (server, name, owner, ownsRole);
        Url = server.SuperuserUrl(name).WithUser(owner, password);
    }

    public string Name { get; }

    /// <summary>The product's role, which owns the database. No superuser.</summary>
    public string Owner { get; }

    /// <summary>The address for the product's role.</summary>
    public PostgresUrl Url { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes a database with a role of its own.</summary>
    /// <param name="sql">Statements that the product's role runs.</param>
    public static async Task<ProductDatabase> CreateAsync(PostgresServer server, string sql, string? name = null)
    {
        var (owner, password) = ($"producto_{Guid.NewGuid():n}"[..30], PasswordGenerator.Create());
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl("postgres"), $"CREATE ROLE {owner} LOGIN PASSWORD '{password}'", Cancellation);
        return await CreateAsync(server, sql, name, owner, password, ownsRole: true);
    }

    /// <summary>Makes a database of a role that owns others, too.</summary>
    public static async Task<ProductDatabase> CreateAsync(
        PostgresServer server, string sql, string? name, string owner, string password, bool ownsRole)
    {
        name ??= $"producto_{Guid.NewGuid():n}"[..30];
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl("postgres"),
            $"CREATE DATABASE {SqlIdentifier.Quote(name)} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8'",
            Cancellation);
        var made = new ProductDatabase(server, name, owner, password, ownsRole);
        await made.AsProductAsync(sql);
        return made;
    }

    /// <summary>Makes a copy of a database that nobody is connected to.</summary>
    public static async Task<ProductDatabase> CopyAsync(
        PostgresServer server, string source, string name, string owner, string password)
    {
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl("postgres"),
            $"CREATE DATABASE {SqlIdentifier.Quote(name)} OWNER {owner} TEMPLATE {SqlIdentifier.Quote(source)}",
            Cancellation);
        return new ProductDatabase(server, name, owner, password, ownsRole: false);
    }

    public Task AsProductAsync(string sql) => PostgresServer.ExecuteAsync(Url, sql, Cancellation);

    public Task AsSuperuserAsync(string sql) =>
        PostgresServer.ExecuteAsync(_server.SuperuserUrl(Name), sql, Cancellation);

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var session = await PostgresServer.OpenAsync(_server.SuperuserUrl(Name), Cancellation);
        await using var command = new Npgsql.NpgsqlCommand(sql, session);
        return await command.ExecuteScalarAsync(Cancellation) is T value ? value : default;
    }

    /// <summary>Runs the statements of a report as their owner, or a superuser, would.</summary>
    public Task RunAsync(IEnumerable<string> statements) => AsSuperuserAsync(string.Join('\n', statements));

    /// <summary>Writes down all rows, with the columns that the tables have now.</summary>
    public async Task<string> ColumnsAsync() => await ScalarAsync<string>("""
        SELECT string_agg(t, '; ' ORDER BY t) FROM (
            SELECT format('SELECT md5(string_agg(r::text, E''\n'' ORDER BY r::text)) FROM (SELECT %s FROM public.%I) r',
                string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), c.relname) AS t
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> '__EFMigrationsHistory'
            GROUP BY c.relname) s
        """) ?? "";

    /// <summary>The checksum of each table, read with the statements of <see cref="ColumnsAsync"/>.</summary>
    public async Task<IReadOnlyList<string>> ChecksumsAsync(string columns)
    {
        var sums = new List<string>();
        foreach (var sql in columns.Split("; "))
        {
            var table = sql[(sql.LastIndexOf("public.", StringComparison.Ordinal) + 7)..];
            sums.Add($"{table} {await ScalarAsync<string>(sql)}");
        }

        return sums;
    }

    /// <summary>Everything about the database that an undo gives back: objects, rights and comments.</summary>
    public async Task<string> CatalogueAsync() => await ScalarAsync<string>("""
        SELECT concat_ws(E'\n', shobj_description(d.oid, 'pg_database'), coalesce(d.datacl::text, '{}'),
            obj_description(n.oid, 'pg_namespace'), coalesce(n.nspacl::text, '{}'),
            (SELECT string_agg(concat_ws(' ', c.relkind, c.relname, c.relacl), E'\n' ORDER BY c.relname)
                FROM pg_class c WHERE c.relnamespace = n.oid),
            (SELECT string_agg(concat_ws(' ', a.attrelid::regclass, a.attname, a.attnotnull), E'\n'
                ORDER BY a.attrelid::regclass::text, a.attname)
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                WHERE c.relnamespace = n.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r'),
            (SELECT string_agg(p.proname, ' ' ORDER BY p.proname) FROM pg_proc p WHERE p.pronamespace = n.oid))
        FROM pg_database d, pg_namespace n WHERE d.datname = current_database() AND n.nspname = 'public'
        """) ?? "";

    public async ValueTask DisposeAsync()
    {
        await _server.DropDatabaseAsync(Name, CancellationToken.None);
        if (_ownsRole)
        {
            await PostgresServer.ExecuteAsync(
                _server.SuperuserUrl("postgres"), $"DROP ROLE IF EXISTS {Owner}", CancellationToken.None);
        }
    }
}
