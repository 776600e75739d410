using System.Diagnostics;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Postgres;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Postgres;

public sealed class PrivateClusterTests : IAsyncLifetime
{
    private readonly TestFolder _folder = TestFolder.Create();

    private CancellationToken Cancellation { get; } = TestContext.Current.CancellationToken;

    private string DataDirectory => Path.Combine(_folder.Path, "postgres", "data");

    private VigiaSettings Settings => new() { DataDirectory = _folder.Path };

    [Fact]
    public async Task Start_EmptyFolder_MakesAClosedClusterWithARoleOfOurOwn()
    {
        await using var cluster = await PrivateCluster.StartAsync(Settings, Cancellation);
        var master = cluster.Settings.MasterDatabase;

        Assert.Equal(_folder.Path, cluster.Folder);
        Assert.True(cluster.Settings.UsesPrivateCluster);
        Assert.True(cluster.Settings.SecretKey.Length >= 32);
        await using var connection = await PostgresServer.OpenAsync(master, Cancellation);
        Assert.Equal("f,t,t,t", await TextAsync(connection, """
            SELECT format(
                '%s,%s,%s,%s', rolsuper, rolcreatedb, rolcreaterole, pg_has_role('pg_signal_backend', 'MEMBER'))
            FROM pg_roles WHERE rolname = current_user
            """));
        Assert.Equal("on,scram-sha-256,127.0.0.1,UTF8", await TextAsync(connection, """
            SELECT concat_ws(',', current_setting('data_checksums'), current_setting('password_encryption'),
                current_setting('listen_addresses'), pg_encoding_to_char(encoding))
            FROM pg_database WHERE datname = current_database()
            """));
        Assert.Equal(DatabaseLocaleTests.Wanted(connection),
            await TextAsync(connection, DatabaseLocaleTests.LocaleSql));
        Assert.Equal("vigia_master",
            await TextAsync(connection, "SELECT datname FROM pg_database WHERE datdba = current_user::regrole"));
        Assert.All(
            [Path.Combine(_folder.Path, "cluster.json"), Path.Combine(_folder.Path, "secret_key")],
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task Start_EmptyFolder_OtherRolesCanNotConnect()
    {
        await using var cluster = await PrivateCluster.StartAsync(Settings, Cancellation);
        var password = PasswordGenerator.Create();
        await PostgresServer.ExecuteAsync(
            cluster.Settings.MasterDatabase,
            $"CREATE ROLE stranger LOGIN PASSWORD {SqlLiteral.Quote(ScramVerifier.Create(password))}", Cancellation);

        foreach (var database in (string[])["postgres", "template1", "vigia_master"])
        {
            var url = cluster.Settings.MasterDatabase.WithDatabase(database).WithUser("stranger", password);
            var refused = await Assert.ThrowsAsync<PostgresException>(
                () => PostgresServer.OpenAsync(url, Cancellation));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public async Task Start_SeveralAtOnce_ShareOneServerUntilTheLastStops()
    {
        var clusters = await Task.WhenAll(
            Enumerable.Range(0, 3).Select(_ => PrivateCluster.StartAsync(Settings, Cancellation)));
        var process = Postmaster();

        Assert.Single(clusters.Select(c => c.Settings.MasterDatabase.ConnectionString).Distinct());
        Assert.Single(clusters.Select(c => c.Settings.SecretKey).Distinct());
        await clusters[0].DisposeAsync();
        await clusters[1].DisposeAsync();
        Assert.Equal(process, Postmaster());
        await clusters[2].DisposeAsync();
        Assert.Null(Postmaster());
    }

    [Fact]
    public async Task Start_AfterAStop_FindsEverythingAsItWas()
    {
        string secret;
        await using (var first = await PrivateCluster.StartAsync(Settings, Cancellation))
        {
            secret = first.Settings.SecretKey;
            await PostgresServer.ExecuteAsync(
                first.Settings.MasterDatabase, "CREATE TABLE kept AS SELECT 1 AS n", Cancellation);
        }

        await using var again = await PrivateCluster.StartAsync(Settings, Cancellation);

        Assert.Equal(secret, again.Settings.SecretKey);
        await PostgresServer.ExecuteAsync(again.Settings.MasterDatabase, "SELECT n FROM kept", Cancellation);
    }

    [Fact]
    public async Task Start_SecretKeyConfigured_IsUsedAndNotStored()
    {
        await using var cluster =
            await PrivateCluster.StartAsync(Settings with { SecretKey = new string('k', 32) }, Cancellation);

        Assert.Equal(new string('k', 32), cluster.Settings.SecretKey);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "secret_key")));
    }

    [Fact]
    public async Task Revive_PostmasterKilled_RunsAgainOnTheSamePort()
    {
        await using var cluster = await PrivateCluster.StartAsync(Settings, Cancellation);
        Assert.False(await cluster.RestartIfDeadAsync(Cancellation));
        await KillPostmasterAsync();

        Assert.True(await cluster.RestartIfDeadAsync(Cancellation));

        await using var connection = await PostgresServer.OpenAsync(cluster.Settings.MasterDatabase, Cancellation);
    }

    [Fact]
    public async Task Start_PidFileOfAnotherProgram_IsIgnored()
    {
        await using (await PrivateCluster.StartAsync(Settings, Cancellation))
        {
        }

        // The same condition as after a restart of the machine: the process id now belongs to another process, possibly
        // of the server's own user.
        var start = new ProcessStartInfo("tail", ["-f", "/dev/null"]) { WorkingDirectory = "/" };
        if (ServerUser.Find()!.Name is { } name) start.UserName = name;
        using var other = Process.Start(start)!;
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(DataDirectory, "postmaster.pid"),
                $"{other.Id}\n{DataDirectory}\n1\n1\n\n127.0.0.1\n1 1\nready   \n", Cancellation);

            await using var cluster = await PrivateCluster.StartAsync(Settings, Cancellation);

            await using var connection = await PostgresServer.OpenAsync(cluster.Settings.MasterDatabase, Cancellation);
            Assert.NotEqual(other.Id, Postmaster());
        }
        finally
        {
            other.Kill();
        }
    }

    [Fact]
    public async Task Start_InterruptedInitdb_BeginsAgain()
    {
        Directory.CreateDirectory(DataDirectory + ".new");
        await File.WriteAllTextAsync(Path.Combine(DataDirectory + ".new", "PG_VERSION"), "15\n", Cancellation);

        await using var cluster = await PrivateCluster.StartAsync(Settings, Cancellation);

        await using var connection = await PostgresServer.OpenAsync(cluster.Settings.MasterDatabase, Cancellation);
    }

    [Fact]
    public async Task Start_LastPortTaken_UsesAnother()
    {
        int port;
        await using (var first = await PrivateCluster.StartAsync(Settings, Cancellation)) port = first.Port;
        using var squatter = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        squatter.Start();

        await using var cluster = await PrivateCluster.StartAsync(Settings, Cancellation);

        Assert.NotEqual(port, cluster.Port);
        await using var connection = await PostgresServer.OpenAsync(cluster.Settings.MasterDatabase, Cancellation);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        var programs = await PostgresPrograms.FindAsync(CancellationToken.None);
        await _folder.StopServersAsync(programs[0], ServerUser.Find()!, CancellationToken.None);
        _folder.Dispose();
    }

    private int? Postmaster() => PostmasterFile.Read(DataDirectory)?.ProcessId;

    private async Task KillPostmasterAsync()
    {
        using var process = Process.GetProcessById(Postmaster()!.Value);
        process.Kill();
        await process.WaitForExitAsync(Cancellation);
    }

    private async Task<string?> TextAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync(Cancellation))?.ToString();
    }
}
