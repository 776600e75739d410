using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace Vigia.Core.Postgres;

/// <summary>A PostgreSQL data directory of ours and the server on it, driven with <c>initdb</c> and <c>pg_ctl</c>.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PostgresCluster(PostgresPrograms programs, ServerUser user, string dataDirectory)
{
    public string DataDirectory => dataDirectory;

    public string LogFile => Path.Combine(Path.GetDirectoryName(dataDirectory)!, "server.log");

    /// <summary>The major version the data directory was made with, or null when there is none yet.</summary>
    public int? MajorVersion =>
        File.Exists(Path.Combine(dataDirectory, "PG_VERSION"))
        && int.TryParse(File.ReadAllText(Path.Combine(dataDirectory, "PG_VERSION")).Trim(), CultureInfo.InvariantCulture, out var version)
            ? version
            : null;

    /// <summary>A port that nobody listens on just now; starting there may still lose a race.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Makes the cluster: UTF8, C.UTF-8, data checksums, SCRAM for every connection.</summary>
    /// <param name="superuser">Name of the superuser.</param>
    /// <param name="password">Its password; handed over in a file that is removed at once.</param>
    /// <param name="settings">Lines for <c>postgresql.auto.conf</c>.</param>
    /// <param name="durable">False leaves out every fsync, for tests.</param>
    /// <param name="cancellationToken">Kills initdb.</param>
    /// <exception cref="PostgresProgramException">initdb failed.</exception>
    public async Task InitializeAsync(
        string superuser, string password, IEnumerable<string> settings, bool durable, CancellationToken cancellationToken)
    {
        await MakeFolderAsync(dataDirectory, cancellationToken);
        var passwordFile = Path.Combine(dataDirectory + ".pw");
        try
        {
            await WriteSecretAsync(passwordFile, password, cancellationToken);
            await GiveAsync(passwordFile, cancellationToken);
            List<string> arguments =
            [
                "-D", dataDirectory, "-U", superuser, $"--pwfile={passwordFile}", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums",
            ];
            if (!durable) arguments.Add("--no-sync");
            Demand("initdb", await user.RunAsync(programs.PathOf("initdb"), arguments, cancellationToken));
        }
        finally
        {
            File.Delete(passwordFile);
        }

        await File.AppendAllLinesAsync(Path.Combine(dataDirectory, "postgresql.auto.conf"), settings, cancellationToken);
    }

    /// <summary>Starts the server on loopback and waits until it takes connections.</summary>
    /// <exception cref="PostgresProgramException">It did not start; the message ends with the log's last lines.</exception>
    public async Task StartAsync(int port, CancellationToken cancellationToken)
    {
        var options = $"-c port={port.ToString(CultureInfo.InvariantCulture)} -c listen_addresses=127.0.0.1 -c unix_socket_directories=";
        var result = await user.RunAsync(
            programs.PathOf("pg_ctl"), ["-D", dataDirectory, "-l", LogFile, "-w", "-t", "60", "-o", options, "start"], cancellationToken);
        if (result.ExitCode != 0)
            throw new PostgresProgramException($"the PostgreSQL server did not start: {await LogTailAsync(result.LastLine, cancellationToken)}");
    }

    /// <summary>Stops the server if it runs: <c>fast</c> ends sessions and writes all, <c>immediate</c> is a crash.</summary>
    public async Task StopAsync(bool immediate, CancellationToken cancellationToken)
    {
        if (!await IsRunningAsync(cancellationToken)) return;
        var result = await user.RunAsync(
            programs.PathOf("pg_ctl"), ["-D", dataDirectory, "-w", "-t", "60", "-m", immediate ? "immediate" : "fast", "stop"], cancellationToken);
        if (result.ExitCode != 0 && await IsRunningAsync(cancellationToken)) Demand("pg_ctl stop", result);
    }

    /// <summary>Whether a postmaster is alive on this directory; a left-over <c>postmaster.pid</c> of a dead one is not.</summary>
    public async Task<bool> IsRunningAsync(CancellationToken cancellationToken) =>
        (await user.RunAsync(programs.PathOf("pg_ctl"), ["-D", dataDirectory, "status"], cancellationToken)).ExitCode == 0;

    /// <summary>Makes a folder that only the server's user may enter.</summary>
    public async Task MakeFolderAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await GiveAsync(folder, cancellationToken);
    }

    /// <summary>Writes a file that only its owner may read, never visible to others even for a moment.</summary>
    public static async Task WriteSecretAsync(string path, string text, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        await using var writer = new StreamWriter(path, options);
        await writer.WriteAsync(text.AsMemory(), cancellationToken);
    }

    private async Task GiveAsync(string path, CancellationToken cancellationToken)
    {
        if (user.Name is null) return;
        Demand("chown", await ServerUser.Current.RunAsync("chown", [$"{user.Name}:", path], cancellationToken));
    }

    private async Task<string> LogTailAsync(string otherwise, CancellationToken cancellationToken)
    {
        if (!File.Exists(LogFile)) return otherwise;
        var lines = await File.ReadAllLinesAsync(LogFile, cancellationToken);
        return string.Join(" / ", lines.TakeLast(4));
    }

    private static void Demand(string program, ProgramResult result)
    {
        if (result.ExitCode != 0) throw new PostgresProgramException($"{program} failed: {result.LastLine}");
    }
}

/// <summary>One of PostgreSQL's programs failed; the message is for a person.</summary>
public sealed class PostgresProgramException(string message) : Exception(message);
