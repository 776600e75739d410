using System.Diagnostics;
using System.Runtime.Versioning;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>Creates, starts and stops the server of the private cluster. The caller holds the start lock.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PrivateClusterServer
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);

    private static readonly string[] Settings =
        ["cluster_name = 'vigia'", "max_connections = 200", "log_line_prefix = '%m [%p] %u@%d '",
        "log_timezone = 'UTC'"];

    private readonly PrivateClusterHome _home;
    private readonly PostgresPrograms _programs;
    private readonly ServerUser _user;
    private readonly PostgresCluster _cluster;

    private PrivateClusterServer(PrivateClusterHome home, PostgresPrograms programs, ServerUser user)
    {
        (_home, _programs, _user) = (home, programs, user);
        _cluster = new PostgresCluster(programs, user, home.DataDirectory);
    }

    /// <summary>Whether a postmaster is alive on the data directory. Reads files only and starts no program.</summary>
    internal bool IsRunning => PostmasterFile.Read(_home.DataDirectory)?.IsAlive == true;

    /// <summary>Selects the programs that fit the existing cluster, or the newest ones for a new cluster.</summary>
    /// <exception cref="StartupException">The cluster has a major version that is not installed.</exception>
    internal static async Task<PrivateClusterServer> OpenAsync(
        PrivateClusterHome home, IReadOnlyList<PostgresPrograms> installed, ServerUser user,
        CancellationToken cancellationToken)
    {
        if (!Directory.Exists(home.DataDirectory)) return new PrivateClusterServer(home, installed[0], user);

        // The owner of the directory stays the server's user: root may start the portal after another user has created
        // the cluster.
        var owner = await ServerUser.Current.RunAsync("stat", ["-c", "%U", home.DataDirectory], cancellationToken);
        if (user.Name is not null && owner.ExitCode == 0 && owner.Output is not ("" or "root" or "UNKNOWN")) user =
            new ServerUser(owner.Output);

        var made = new PostgresCluster(installed[0], user, home.DataDirectory).MajorVersion;
        var fitting = installed.FirstOrDefault(p => p.MajorVersion == made)
            ?? throw new StartupException(
                $"The cluster under {home.Folder} was made by PostgreSQL {made}, and these versions are "
                + $"installed: {string.Join(", ", installed.Select(p => p.MajorVersion).Distinct())}.\n"
                + $"Install PostgreSQL {made}, move the data with pg_upgrade or pg_dumpall, "
                + "or choose an empty folder with VIGIA_DATA_DIR.");
        return new PrivateClusterServer(home, fitting, user);
    }

    /// <summary>Creates the cluster if there is none and starts its server if it does not run.</summary>
    /// <returns>The cluster's secrets with the server's present port.</returns>
    internal async Task<ClusterSecrets> EnsureRunningAsync(CancellationToken cancellationToken)
    {
        var secrets = await _home.ReadSecretsAsync(cancellationToken);
        var exists = Directory.Exists(_home.DataDirectory);
        if (exists && secrets is null)
            throw new StartupException(
                $"The cluster under {_home.Folder} has lost its cluster.json, which contains its passwords.\n"
                + "Put the file back, or choose an empty folder with VIGIA_DATA_DIR.");
        if (!exists && secrets is { Prepared: true })
            throw new StartupException(
                $"The data of the cluster under {_home.Folder} is gone ({_home.DataDirectory}).\n"
                + "Put it back, or choose an empty folder with VIGIA_DATA_DIR.");

        secrets ??= new ClusterSecrets(
            PasswordGenerator.Create(), PasswordGenerator.Create(), PostgresCluster.FreePort(), Prepared: false);
        if (!exists)
        {
            await _home.WriteSecretsAsync(secrets, cancellationToken);
            await CreateClusterAsync(secrets, cancellationToken);
        }

        var port = await StartAsync(secrets.Port, cancellationToken);
        if (port != secrets.Port)
        {
            secrets = secrets with { Port = port };
            await _home.WriteSecretsAsync(secrets, cancellationToken);
        }

        return secrets;
    }

    internal Task StopAsync(CancellationToken cancellationToken) =>
        _cluster.StopAsync(immediate: false, cancellationToken);

    // Created in another directory and moved into place, so that a kill -9 during initdb leaves nothing that looks like
    // a cluster.
    private async Task CreateClusterAsync(ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        var unfinished = _home.DataDirectory + ".new";
        if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        await _cluster.CreateFolderAsync(_home.ServerFolder, cancellationToken);
        await new PostgresCluster(_programs, _user, unfinished)
            .InitializeAsync("postgres", secrets.SuperuserPassword, Settings, durable: true, locale: null,
                cancellationToken);
        Directory.Move(unfinished, _home.DataDirectory);
    }

    private async Task<int> StartAsync(int port, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (true)
        {
            var postmaster = PostmasterFile.Read(_home.DataDirectory);
            if (postmaster is { IsAlive: true, IsReady: true }) return postmaster.Port;
            if (watch.Elapsed > StartTimeout) throw new TimeoutException("its server does not get ready");
            if (postmaster is not { IsAlive: true })
            {
                postmaster?.RemoveIfStale();
                port = await TryStartAsync(port, cancellationToken);
            }

            if (PostmasterFile.Read(
                _home.DataDirectory) is not { IsAlive: true, IsReady: true }) await timer.WaitForNextTickAsync(
                cancellationToken);
        }
    }

    /// <returns>The port for the next attempt, in case the server does not run then.</returns>
    private async Task<int> TryStartAsync(int port, CancellationToken cancellationToken)
    {
        TrimLog();
        try
        {
            await _cluster.StartAsync(port, cancellationToken);
            return port;
        }
        catch (PostgresProgramException e) when (
            e.Message.Contains("could not bind", StringComparison.Ordinal)
            || e.Message.Contains("could not create any TCP/IP sockets", StringComparison.Ordinal))
        {
            return PostgresCluster.FreePort();
        }
        catch (PostgresProgramException e) when (e.Message.Contains("shared memory", StringComparison.Ordinal))
        {
            // The postmaster was killed and its children have not noticed yet. They end when their statements are done.
            return port;
        }
    }

    private void TrimLog()
    {
        var log = new FileInfo(_cluster.LogFile);
        if (log is { Exists: true, Length: > 10_000_000 }) log.MoveTo(log.FullName + ".1", overwrite: true);
    }
}
