using System.Diagnostics;
using System.Runtime.Versioning;
using Vigia.Core.Configuration;

namespace Vigia.Core.Postgres;

/// <summary>Making, starting and stopping the private cluster's server. The caller holds the start lock.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PrivateClusterServer
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(1);

    private static readonly string[] Settings = ["cluster_name = 'vigia'", "max_connections = 200", "log_line_prefix = '%m [%p] %u@%d '", "log_timezone = 'UTC'"];

    private readonly PrivateClusterHome _home;
    private readonly PostgresPrograms _programs;
    private readonly ServerUser _user;
    private readonly PostgresCluster _cluster;

    private PrivateClusterServer(PrivateClusterHome home, PostgresPrograms programs, ServerUser user)
    {
        (_home, _programs, _user) = (home, programs, user);
        _cluster = new PostgresCluster(programs, user, home.DataDirectory);
    }

    /// <summary>Whether a postmaster is alive on our data directory, without starting a program to find out.</summary>
    internal bool IsRunning => PostmasterFile.Read(_home.DataDirectory)?.IsAlive == true;

    /// <summary>Picks the programs that fit the cluster that is there, or the newest for a new one.</summary>
    /// <exception cref="StartupException">The cluster is of a major version that is not installed.</exception>
    internal static async Task<PrivateClusterServer> OpenAsync(
        PrivateClusterHome home, IReadOnlyList<PostgresPrograms> installed, ServerUser user, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(home.DataDirectory)) return new PrivateClusterServer(home, installed[0], user);

        // Whoever made it keeps it: root may come after the person who tried the portal first.
        var owner = await ServerUser.Current.RunAsync("stat", ["-c", "%U", home.DataDirectory], cancellationToken);
        if (user.Name is not null && owner.ExitCode == 0 && owner.Output is not ("" or "root" or "UNKNOWN")) user = new ServerUser(owner.Output);

        var made = new PostgresCluster(installed[0], user, home.DataDirectory).MajorVersion;
        var fitting = installed.FirstOrDefault(p => p.MajorVersion == made)
            ?? throw new StartupException(
                $"The cluster under {home.Folder} was made by PostgreSQL {made}, and installed is {string.Join(", ", installed.Select(p => p.MajorVersion).Distinct())}.\n"
                + $"Install PostgreSQL {made}, move the data with pg_upgrade or pg_dumpall, or choose an empty folder with VIGIA_DATA_DIR.");
        return new PrivateClusterServer(home, fitting, user);
    }

    /// <summary>Makes the cluster if there is none and starts its server unless it runs.</summary>
    /// <returns>The cluster's secrets with the port where the server listens.</returns>
    internal async Task<ClusterSecrets> EnsureRunningAsync(CancellationToken cancellationToken)
    {
        var secrets = await _home.ReadSecretsAsync(cancellationToken);
        var exists = Directory.Exists(_home.DataDirectory);
        if (exists && secrets is null)
            throw new StartupException($"The cluster under {_home.Folder} has lost its cluster.json, where its passwords were.\nPut the file back, or choose an empty folder with VIGIA_DATA_DIR.");
        if (!exists && secrets is { Prepared: true })
            throw new StartupException($"The data of the cluster under {_home.Folder} is gone ({_home.DataDirectory}).\nPut it back, or choose an empty folder with VIGIA_DATA_DIR.");

        secrets ??= new ClusterSecrets(PasswordGenerator.Create(), PasswordGenerator.Create(), PostgresCluster.FreePort(), Prepared: false);
        if (!exists)
        {
            await _home.WriteSecretsAsync(secrets, cancellationToken);
            await MakeAsync(secrets, cancellationToken);
        }

        var port = await StartAsync(secrets.Port, cancellationToken);
        if (port != secrets.Port)
        {
            secrets = secrets with { Port = port };
            await _home.WriteSecretsAsync(secrets, cancellationToken);
        }

        return secrets;
    }

    internal Task StopAsync(CancellationToken cancellationToken) => _cluster.StopAsync(immediate: false, cancellationToken);

    // Made beside and moved into place: a kill -9 in the middle of initdb leaves nothing that looks like a cluster.
    private async Task MakeAsync(ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        var unfinished = _home.DataDirectory + ".new";
        if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        await _cluster.MakeFolderAsync(_home.ServerFolder, cancellationToken);
        await new PostgresCluster(_programs, _user, unfinished).InitializeAsync("postgres", secrets.SuperuserPassword, Settings, durable: true, cancellationToken);
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
            if (watch.Elapsed > StartPatience) throw new TimeoutException("its server does not get ready");
            if (postmaster is not { IsAlive: true })
            {
                postmaster?.RemoveIfSomebodyElses();
                port = await TryStartAsync(port, cancellationToken);
            }

            if (PostmasterFile.Read(_home.DataDirectory) is not { IsAlive: true, IsReady: true }) await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <returns>The port to try next if the server is not there then.</returns>
    private async Task<int> TryStartAsync(int port, CancellationToken cancellationToken)
    {
        TrimLog();
        try
        {
            await _cluster.StartAsync(port, cancellationToken);
            return port;
        }
        catch (PostgresProgramException e) when (e.Message.Contains("could not bind", StringComparison.Ordinal) || e.Message.Contains("could not create any TCP/IP sockets", StringComparison.Ordinal))
        {
            return PostgresCluster.FreePort();
        }
        catch (PostgresProgramException e) when (e.Message.Contains("shared memory", StringComparison.Ordinal))
        {
            // The postmaster was killed and its children have not noticed yet: they end by themselves, when their statement is done.
            return port;
        }
    }

    private void TrimLog()
    {
        var log = new FileInfo(_cluster.LogFile);
        if (log is { Exists: true, Length: > 10_000_000 }) log.MoveTo(log.FullName + ".1", overwrite: true);
    }
}
