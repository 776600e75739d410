using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.TenantSchema;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSchema;

/// <summary>
/// Databases with a tenant's schema as provisioning leaves them, and a login role with a tenant's rights. There is no
/// registry and no portal.
/// </summary>
public sealed class TenantDatabases(PostgresServer server) : IAsyncLifetime
{
    private readonly string _role = $"test_tenant_{Guid.NewGuid():n}";
    private readonly string _password = PasswordGenerator.Create();
    private readonly List<string> _made = [];
    private readonly SemaphoreSlim _making = new(1, 1);
    private string _template = "";
    private PostgresUrl? _shared;

    public PostgresServer Server => server;

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using (var maintenance = await PostgresServer.OpenAsync(server.PortalUrl("postgres"), cancellationToken))
        {
            await RoleDdl.EnsureTenantGroupAsync(maintenance, cancellationToken);
            await RoleDdl.CreateLoginAsync(
                maintenance, _role, ScramVerifier.Create(_password), "test", cancellationToken);
        }

        var url = await server.CreateDatabaseAsync(null, null, cancellationToken);
        _template = url.Database;
        _made.Add(_template);
        await using var session = await PostgresServer.OpenAsync(url, cancellationToken);
        await new TenantMigrator(TenantSchemaVersions.OfThisBuild)
            .MigrateAsync(session, TimeSpan.FromSeconds(10), cancellationToken);
    }

    /// <summary>Creates an empty tenant database.</summary>
    /// <returns>Its address, for the portal's own role.</returns>
    public async Task<PostgresUrl> CreateAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var url = await server.CreateDatabaseAsync(null, _template, cancellationToken);
        _made.Add(url.Database);
        var name = SqlIdentifier.Quote(url.Database);
        await PostgresServer.ExecuteAsync(
            url,
            $"REVOKE ALL ON DATABASE {name} FROM PUBLIC; "
            + $"GRANT CONNECT ON DATABASE {name} TO {SqlIdentifier.Quote(_role)}", cancellationToken);
        return url;
    }

    /// <summary>One database for all tests that do not change it.</summary>
    public async Task<PostgresUrl> SharedAsync()
    {
        await _making.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            return _shared ??= await CreateAsync();
        }
        finally
        {
            _making.Release();
        }
    }

    /// <summary>The address of the same database for the tenant's own role.</summary>
    public PostgresUrl AsTenant(PostgresUrl url) => url.WithUser(_role, _password);

    /// <summary>Reads one value.</summary>
    public static async Task<T?> ScalarAsync<T>(PostgresUrl url, string sql)
    {
        await using var session = await PostgresServer.OpenAsync(url, TestContext.Current.CancellationToken);
        return await ScalarAsync<T>(session, sql);
    }

    /// <inheritdoc cref="ScalarAsync{T}(PostgresUrl, string)"/>
    public static async Task<T?> ScalarAsync<T>(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is T value ? value : default;
    }

    /// <summary>Runs a statement that the database must refuse, and returns the error.</summary>
    public static async Task<PostgresException> RefusedAsync(PostgresUrl url, string sql) =>
        await Assert.ThrowsAsync<PostgresException>(
            () => PostgresServer.ExecuteAsync(url, sql, TestContext.Current.CancellationToken));

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _made)
        {
            await server.DropDatabaseAsync(name, CancellationToken.None);
        }

        _making.Dispose();
        await PostgresServer.ExecuteAsync(
            server.PortalUrl("postgres"), $"DROP ROLE {SqlIdentifier.Quote(_role)}", CancellationToken.None);
    }
}
