using Testcontainers.PostgreSql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Postgres;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// The place where a test server's process runs: on this machine, in a container, or on a server that the tests must
/// not stop.
/// </summary>
internal interface ITestServerBackend : IAsyncDisposable
{
    /// <summary>The superuser's address on the database <c>postgres</c>.</summary>
    PostgresUrl Superuser { get; }

    Task StartAsync(CancellationToken cancellationToken);

    Task StopAsync(bool immediate, CancellationToken cancellationToken);
}

internal sealed class LocalBackend : ITestServerBackend
{
    private readonly PostgresCluster _cluster;
    private readonly TestFolder _folder;

    private readonly SmallDisk? _disk;

    private LocalBackend(PostgresCluster cluster, TestFolder folder, PostgresUrl superuser, SmallDisk? disk)
    {
        (_cluster, _folder, _disk) = (cluster, folder, disk);
        Superuser = superuser;
    }

    public PostgresUrl Superuser { get; }

    internal SmallDisk Disk =>
        _disk ?? throw new InvalidOperationException("The server was not asked for with DiskSize.");

    internal static async Task<LocalBackend> CreateAsync(
        PostgresServerOptions options, CancellationToken cancellationToken)
    {
        var found = await PostgresPrograms.FindAsync(cancellationToken);
        var programs = found.Count > 0 ? found[0]
            : throw new InvalidOperationException("No PostgreSQL programs on this machine: run script/bootstrap test.");
        var user = ServerUser.Find()
            ?? throw new InvalidOperationException("Root needs an unprivileged user to run PostgreSQL as.");
        await TestFolder.SweepAsync(programs, user, cancellationToken);

        var folder = TestFolder.CreateQuick();
        var cluster = new PostgresCluster(programs, user, Path.Combine(folder.Path, "data"));
        await cluster.CreateFolderAsync(folder.Path, cancellationToken);
        var password = PasswordGenerator.Create();
        string[] settings =
        [
            $"max_connections = {options.MaxConnections}", "fsync = off", "synchronous_commit = off",
            "full_page_writes = off", "jit = off",

            // Its workers take a tenth of the time with so many databases, and lock tables that a test alters. A test
            // that needs statistics collects them.
            "autovacuum = off",
            "wal_level = minimal", "max_wal_senders = 0", "shared_buffers = 128MB",
            "log_line_prefix = '%m [%p] %u@%d '",
        ];
        await cluster.InitializeAsync(
            "postgres", password, [.. settings, .. options.Settings], durable: false, options.Locale,
            cancellationToken);
        var disk = options.DiskSize is { } size
            ? await SmallDisk.MountAsync(Path.Combine(folder.Path, "data", "base"), size, cancellationToken) : null;
        return new LocalBackend(
            cluster, folder, new PostgresUrl
            {
                Host = "127.0.0.1", Port = PostgresCluster.FreePort(),
                Database = "postgres", Username = "postgres", Password = password
            }, disk);
    }

    // The port is always the same, so that programs that were connected before a restart find the server again.
    public Task StartAsync(CancellationToken cancellationToken) =>
        _cluster.StartAsync(Superuser.Port, cancellationToken);

    public Task StopAsync(bool immediate, CancellationToken cancellationToken) =>
        _cluster.StopAsync(immediate, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAsync(immediate: true, CancellationToken.None);
        if (_disk is not null)
        {
            await _disk.DisposeAsync();
        }

        _folder.Dispose();
    }
}

internal sealed class ContainerBackend(PostgreSqlContainer container) : ITestServerBackend
{
    private const string Password = "a-password-of-a-container";

    public PostgresUrl Superuser => new()
    {
        Host = container.Hostname,
        Port = container.GetMappedPublicPort(PostgreSqlBuilder.PostgreSqlPort),
        Database = "postgres",
        Username = "postgres",
        Password = Password,
    };

    internal static ContainerBackend Create(PostgresServerOptions options)
    {
        var image = Environment.GetEnvironmentVariable("VIGIA_TEST_POSTGRES_IMAGE") ?? "postgres:15-alpine";
        var settings = options.Settings.Prepend($"max_connections = {options.MaxConnections}").Prepend("fsync = off");
        return new ContainerBackend(new PostgreSqlBuilder(image)
            .WithUsername("postgres")
            .WithPassword(Password)
            .WithDatabase("postgres")
            .WithPortBinding(PostgresCluster.FreePort(), PostgreSqlBuilder.PostgreSqlPort)
            .WithEnvironment("POSTGRES_INITDB_ARGS", string.Join(' ', options.Locale ?? []))
            .WithCommand([.. settings.SelectMany(
                s => new[] { "-c", s.Replace(" ", "", StringComparison.Ordinal)
                .Replace("'", "", StringComparison.Ordinal) })])
            .Build());
    }

    public Task StartAsync(CancellationToken cancellationToken) => container.StartAsync(cancellationToken);

    public Task StopAsync(bool immediate, CancellationToken cancellationToken) =>
        container.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => container.DisposeAsync();
}

internal sealed class ExternalBackend(PostgresUrl superuser) : ITestServerBackend
{
    public PostgresUrl Superuser => superuser.WithDatabase("postgres");

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(bool immediate, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("The server of VIGIA_TEST_POSTGRES is not ours to stop.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
