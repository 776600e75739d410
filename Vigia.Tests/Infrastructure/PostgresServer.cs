using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

[assembly: UnsupportedOSPlatform("windows")]
[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// A real PostgreSQL for tests. The whole run shares one (this class is the assembly's fixture). A test that stops the
/// server gets its own from <see cref="StartNewAsync"/>. <c>VIGIA_TEST_POSTGRES</c> selects the server: unset is a
/// private cluster on this machine, <c>testcontainers</c> is a container, a superuser's URL is that server.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    public const string PortalRole = "vigia_portal";

    private readonly PostgresServerOptions _options;
    private readonly string _portalPassword = PasswordGenerator.Create();
    private readonly SemaphoreSlim _masterLock = new(1, 1);
    private readonly SemaphoreSlim _startLock = new(1, 1);
    private ITestServerBackend? _backend;
    private string? _migratedMaster;
    private string? _startedMaster;
    private readonly ConcurrentDictionary<int, string> _tenantOriginals = new();

    public PostgresServer()
        : this(new PostgresServerOptions())
    {
    }

    private PostgresServer(PostgresServerOptions options) => _options = options;

    private ITestServerBackend Backend =>
        _backend ?? throw new InvalidOperationException("The server was not started.");

    /// <summary>Whether all tests of the run use it.</summary>
    public bool IsShared { get; private init; } = true;

    /// <summary>Starts a server for the caller alone, who must dispose of it.</summary>
    public static async Task<PostgresServer> StartNewAsync(PostgresServerOptions options)
    {
        var server = new PostgresServer(options) { IsShared = false };
        await server.InitializeAsync();
        return server;
    }

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        _backend = Environment.GetEnvironmentVariable("VIGIA_TEST_POSTGRES") switch
        {
            var other when _options.DiskSize is not null || _options.Locale is not null
                || string.IsNullOrEmpty(other) => await LocalBackend.CreateAsync(_options, cancellationToken),
            "testcontainers" => ContainerBackend.Create(_options),
            var url => new ExternalBackend(PostgresUrl.Parse(url!)),
        };
        await _backend.StartAsync(cancellationToken);
        await MakePortalRoleAsync(cancellationToken);
    }

    /// <summary>The address for the role that the portal works with. It is not a superuser.</summary>
    public PostgresUrl PortalUrl(string database) =>
        Backend.Superuser.WithUser(PortalRole, _portalPassword).WithDatabase(database);

    /// <summary>The address for causing faults. The code under test must not use it.</summary>
    public PostgresUrl SuperuserUrl(string database) => Backend.Superuser.WithDatabase(database);

    /// <summary>Creates an empty database owned by the portal's role, or a clone.</summary>
    /// <param name="name">Its name; null generates one.</param>
    /// <param name="template">The database to clone; null is <c>template0</c>.</param>
    /// <returns>The address of the new database for the portal's role.</returns>
    public async Task<PostgresUrl> CreateDatabaseAsync(
        string? name, string? template, CancellationToken cancellationToken)
    {
        name ??= $"test_{Guid.NewGuid():n}";
        await ExecuteAsync(
            PortalUrl("postgres"),
            $"CREATE DATABASE {SqlIdentifier.Quote(name)} TEMPLATE {SqlIdentifier.Quote(template ?? "template0")} "
            + "ENCODING 'UTF8' STRATEGY file_copy", cancellationToken);

        // create-master does the same. The proof of isolation reports every right that PUBLIC has.
        await ExecuteAsync(PortalUrl("postgres"), $"REVOKE ALL ON DATABASE {SqlIdentifier.Quote(name)} FROM PUBLIC",
            cancellationToken);
        return PortalUrl(name);
    }

    /// <summary>
    /// Creates a master database that is migrated already. It is a clone of a database that is migrated once in a run,
    /// with an id of its own.
    /// </summary>
    /// <param name="name">Its name; null generates one.</param>
    public async Task<PostgresUrl> CreateMasterAsync(string? name, CancellationToken cancellationToken)
    {
        await _masterLock.WaitAsync(cancellationToken);
        try
        {
            _migratedMaster ??= await MigrateMasterAsync(cancellationToken);
        }
        finally
        {
            _masterLock.Release();
        }

        var master = await CreateDatabaseAsync(name, _migratedMaster, cancellationToken);
        await ExecuteAsync(master, "UPDATE portal.instance SET master_id = gen_random_uuid()", cancellationToken);
        return master;
    }

    /// <summary>
    /// Creates a master on which a portal has started before. It is a clone of a database on which
    /// <paramref name="startAsync"/> starts one once in a run, with an id of its own.
    /// </summary>
    /// <param name="via">
    /// Turns the master's address into the one that the portal is given; null means a direct connection.
    /// </param>
    public async Task<PostgresUrl> CreateStartedMasterAsync(
        Func<PostgresUrl, Task> startAsync, Func<PostgresUrl, PostgresUrl>? via, CancellationToken cancellationToken)
    {
        await _startLock.WaitAsync(cancellationToken);
        try
        {
            _startedMaster ??= await StartMasterAsync(startAsync, cancellationToken);
        }
        finally
        {
            _startLock.Release();
        }

        var master = await CreateDatabaseAsync(null, _startedMaster, cancellationToken);
        var given = via?.Invoke(master) ?? master;

        // It has not been copied behind the portal's back.
        await ExecuteAsync(
            master,
            $"""
            UPDATE portal.instance SET master_id = gen_random_uuid(), location = '{given.Host}:{given.Port}',
                database_oid = (SELECT oid FROM pg_database WHERE datname = current_database())
            """, cancellationToken);
        return given;
    }

    /// <summary>
    /// Creates a tenant's database without content, once in a run for each version of the schema. Nobody can connect to
    /// it, so that it can be copied at any time.
    /// </summary>
    /// <param name="makeAsync">Makes it under an unclaimed name.</param>
    /// <returns>Its name.</returns>
    public async Task<string> CreateTenantOriginalAsync(
        int version, Func<string, Task> makeAsync, CancellationToken cancellationToken)
    {
        await _startLock.WaitAsync(cancellationToken);
        try
        {
            if (_tenantOriginals.TryGetValue(version, out var known))
            {
                return known;
            }

            var unclaimed = $"{DatabaseDdl.UnclaimedPrefix}{Guid.NewGuid():n}";
            await makeAsync(unclaimed);
            var name = $"test_tenant_{Guid.NewGuid():n}";
            await CloseToSessionsAsync(unclaimed, cancellationToken);

            // The rename waits for the session that has just ended.
            await ExecuteAsync(SuperuserUrl("postgres"),
                $"ALTER DATABASE {SqlIdentifier.Quote(unclaimed)} RENAME TO {SqlIdentifier.Quote(name)}",
                cancellationToken);
            return _tenantOriginals[version] = name;
        }
        finally
        {
            _startLock.Release();
        }
    }

    public async Task DropDatabaseAsync(string name, CancellationToken cancellationToken)
    {
        NpgsqlConnection.ClearAllPools();
        await ExecuteAsync(SuperuserUrl("postgres"),
            $"DROP DATABASE IF EXISTS {SqlIdentifier.Quote(name)} WITH (FORCE)", cancellationToken);
    }

    public Task StopAsync(bool immediate, CancellationToken cancellationToken) =>
        Backend.StopAsync(immediate, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Backend.StartAsync(cancellationToken);

    public async Task RestartAsync(bool immediate, CancellationToken cancellationToken)
    {
        // The server of the tests commits without waiting for its log. Committed changes must survive all the same.
        await ExecuteAsync(SuperuserUrl("postgres"), "CHECKPOINT", cancellationToken);
        await StopAsync(immediate, cancellationToken);
        await StartAsync(cancellationToken);
    }

    /// <summary>Fills the disk of <see cref="PostgresServerOptions.DiskSize"/> to the last page.</summary>
    public void FillDisk() => ((LocalBackend)Backend).Disk.Fill();

    /// <summary>Frees the space that <see cref="FillDisk"/> took.</summary>
    public void FreeDisk() => ((LocalBackend)Backend).Disk.Free();

    /// <summary>Runs one statement on a connection outside every pool.</summary>
    public static async Task ExecuteAsync(PostgresUrl url, string sql, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(url, cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Takes the lock that an ALTER TABLE of these tables needs and releases it at once. Waits for it, because
    /// autovacuum holds tables now and then, and gives way to a waiting session after deadlock_timeout (1 s).
    /// </summary>
    /// <exception cref="PostgresException">55P03: another session holds a lock for more than 20 seconds.</exception>
    public static async Task LockAloneAsync(
        NpgsqlConnection connection, string tables, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            $"SET LOCAL lock_timeout = '20s'; LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE", connection, transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.RollbackAsync(cancellationToken);
    }

    /// <summary>Opens a connection outside every pool, so that closing it ends the session.</summary>
    public static Task<NpgsqlConnection> OpenAsync(PostgresUrl url, CancellationToken cancellationToken) =>
        PostgresSessions.OpenAsync(url.ToConnectionStringBuilder(), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        foreach (var template in new[] { _migratedMaster, _startedMaster }.Concat(_tenantOriginals.Values))
        {
            if (template is not null && Backend is ExternalBackend)
            {
                await DropDatabaseAsync(template, CancellationToken.None);
            }
        }

        if (_backend is not null) await _backend.DisposeAsync();
        _masterLock.Dispose();
        _startLock.Dispose();
    }

    // PostgreSQL clones a database only while it has no sessions.
    private async Task<string> MigrateMasterAsync(CancellationToken cancellationToken)
    {
        var master = await CreateDatabaseAsync($"test_migrated_{Guid.NewGuid():n}", null, cancellationToken);
#pragma warning disable RS0030 // The migrator works on a data source, as in the portal.
        await using (var source = new NpgsqlDataSourceBuilder(master.ConnectionString).Build())
#pragma warning restore RS0030
        {
            await new MasterMigrator(source, TimeProvider.System, NullLogger<MasterMigrator>.Instance)
                .MigrateAsync(cancellationToken);
        }

        await CloseToSessionsAsync(master.Database, cancellationToken);
        return master.Database;
    }

    private async Task<string> StartMasterAsync(
        Func<PostgresUrl, Task> startAsync, CancellationToken cancellationToken)
    {
        var master = await CreateMasterAsync($"test_started_{Guid.NewGuid():n}", cancellationToken);
        await startAsync(master);
        await CloseToSessionsAsync(master.Database, cancellationToken);
        return master.Database;
    }

    private Task CloseToSessionsAsync(string database, CancellationToken cancellationToken) => ExecuteAsync(
        SuperuserUrl("postgres"), $"ALTER DATABASE {SqlIdentifier.Quote(database)} ALLOW_CONNECTIONS false",
        cancellationToken);

    private async Task MakePortalRoleAsync(CancellationToken cancellationToken)
    {
        var role = SqlIdentifier.Quote(PortalRole);

        // Each connection would spend milliseconds on the password.
        var verifier = SqlLiteral.Quote(ScramVerifier.Create(_portalPassword, iterations: 1));
        await using var connection = await OpenAsync(SuperuserUrl("postgres"), cancellationToken);
        await using var exists =
            new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)",
            connection)
            { Parameters = { new() { Value = PortalRole } } };
        var verb = await exists.ExecuteScalarAsync(cancellationToken) is true ? "ALTER" : "CREATE";
        await using var make = new NpgsqlCommand(
            $"{verb} ROLE {role} {_options.PortalRoleAttributes} PASSWORD {verifier}; "
            + $"GRANT pg_signal_backend TO {role}", connection);
        await make.ExecuteNonQueryAsync(cancellationToken);
    }
}
