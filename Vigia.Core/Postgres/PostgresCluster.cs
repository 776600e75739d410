using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace Vigia.Core.Postgres;

/// <summary>
/// A PostgreSQL data directory of the portal and the server that runs on it, controlled with <c>initdb</c> and
/// <c>pg_ctl</c>.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class PostgresCluster(PostgresPrograms programs, ServerUser user, string dataDirectory)
{
    public string DataDirectory => dataDirectory;

    public string LogFile => Path.Combine(Path.GetDirectoryName(dataDirectory)!, "server.log");

    /// <summary>The major version of the data directory. Null when the directory does not exist yet.</summary>
    public int? MajorVersion =>
        File.Exists(Path.Combine(dataDirectory, "PG_VERSION"))
        && int.TryParse(File.ReadAllText(Path.Combine(dataDirectory, "PG_VERSION")).Trim(),
            CultureInfo.InvariantCulture, out var version)
            ? version
            : null;

    /// <summary>
    /// Finds a port on which no process listens now. Another process may take it before the server starts.
    /// </summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>
    /// Creates the cluster: UTF8, C.UTF-8 where the system has it, data checksums, SCRAM for every connection.
    /// </summary>
    /// <param name="superuser">The name of the superuser.</param>
    /// <param name="password">
    /// The superuser's password. It is passed to initdb in a file that is removed at once.
    /// </param>
    /// <param name="settings">The lines for <c>postgresql.auto.conf</c>.</param>
    /// <param name="durable">Whether to use fsync. False is for tests.</param>
    /// <param name="locale">The locale arguments for initdb. Null for the locale of the portal's databases.</param>
    /// <param name="cancellationToken">Cancels by killing initdb.</param>
    /// <exception cref="PostgresProgramException">initdb failed.</exception>
    public async Task InitializeAsync(
        string superuser, string password, IEnumerable<string> settings, bool durable, IReadOnlyList<string>? locale,
        CancellationToken cancellationToken)
    {
        await CreateFolderAsync(dataDirectory, cancellationToken);
        var passwordFile = Path.Combine(dataDirectory + ".pw");
        try
        {
            await WriteSecretAsync(passwordFile, password, cancellationToken);
            await ChangeOwnerAsync(passwordFile, cancellationToken);
            List<string> arguments =
            [
                "-D", dataDirectory, "-U", superuser, $"--pwfile={passwordFile}", "-A", "scram-sha-256", "-E", "UTF8",
                "--data-checksums",
            ];
            if (!durable) arguments.Add("--no-sync");
            var result = await user.RunAsync(
                programs.PathOf("initdb"), [.. arguments, .. locale ?? Locale()], cancellationToken);
            if (result.ExitCode != 0 && locale is null && programs.MajorVersion < 17 && MajorVersion is null)
            {
                // The operating system has no C.UTF-8. Every system has C, and each database of the portal names its
                // own locale.
                result = await user.RunAsync(
                    programs.PathOf("initdb"), [.. arguments, .. Locale("C")], cancellationToken);
            }

            ThrowIfFailed("initdb", result);
        }
        finally
        {
            File.Delete(passwordFile);
        }

        await File.AppendAllLinesAsync(
            Path.Combine(dataDirectory, "postgresql.auto.conf"), settings, cancellationToken);
    }

    /// <summary>Starts the server on loopback and waits until it accepts connections.</summary>
    /// <exception cref="PostgresProgramException">
    /// The server did not start. The message ends with the last lines of the log.
    /// </exception>
    public async Task StartAsync(int port, CancellationToken cancellationToken)
    {
        var options = $"-c port={port.ToString(CultureInfo.InvariantCulture)} "
            + "-c listen_addresses=127.0.0.1 -c unix_socket_directories=";
        var result = await user.RunAsync(
            programs.PathOf("pg_ctl"), ["-D", dataDirectory, "-l", LogFile, "-w", "-t", "60", "-o", options, "start"],
            cancellationToken);
        if (result.ExitCode != 0)
            throw new PostgresProgramException(
                $"the PostgreSQL server did not start: {await LogTailAsync(result.LastLine, cancellationToken)}");
    }

    /// <summary>
    /// Stops the server if it runs. <c>fast</c> ends sessions and writes everything to disk. <c>immediate</c> acts like
    /// a crash.
    /// </summary>
    public async Task StopAsync(bool immediate, CancellationToken cancellationToken)
    {
        if (!await IsRunningAsync(cancellationToken)) return;
        var result = await user.RunAsync(
            programs.PathOf("pg_ctl"),
            ["-D", dataDirectory, "-w", "-t", "60", "-m", immediate ? "immediate" : "fast", "stop"], cancellationToken);
        if (result.ExitCode != 0 && await IsRunningAsync(cancellationToken)) ThrowIfFailed("pg_ctl stop", result);
    }

    /// <summary>
    /// Whether a postmaster runs on this directory. A <c>postmaster.pid</c> left by a dead postmaster does not count.
    /// </summary>
    public async Task<bool> IsRunningAsync(CancellationToken cancellationToken) =>
        (await user.RunAsync(
            programs.PathOf("pg_ctl"), ["-D", dataDirectory, "status"], cancellationToken)).ExitCode == 0;

    /// <summary>Creates a folder that only the server's user may enter.</summary>
    public async Task CreateFolderAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await ChangeOwnerAsync(folder, cancellationToken);
    }

    /// <summary>Writes a file that only its owner may read. No other user can read it at any moment.</summary>
    public static async Task WriteSecretAsync(string path, string text, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite
        };
        await using var writer = new StreamWriter(path, options);
        await writer.WriteAsync(text.AsMemory(), cancellationToken);
    }

    // The same choice as DatabaseLocale makes for each database.
    private IReadOnlyList<string> Locale(string name = DatabaseLocale.Name) => programs.MajorVersion switch
    {
        >= 17 => ["--locale-provider=builtin", $"--builtin-locale={DatabaseLocale.Name}", "--locale=C"],
        >= 15 => ["--locale-provider=libc", $"--locale={name}"],
        _ => [$"--locale={name}"],
    };

    private async Task ChangeOwnerAsync(string path, CancellationToken cancellationToken)
    {
        if (user.Name is null) return;
        ThrowIfFailed("chown", await ServerUser.Current.RunAsync("chown", [$"{user.Name}:", path], cancellationToken));
    }

    private async Task<string> LogTailAsync(string otherwise, CancellationToken cancellationToken)
    {
        if (!File.Exists(LogFile)) return otherwise;
        var lines = await File.ReadAllLinesAsync(LogFile, cancellationToken);
        return string.Join(" / ", lines.TakeLast(4));
    }

    private static void ThrowIfFailed(string program, ProgramResult result)
    {
        if (result.ExitCode != 0) throw new PostgresProgramException($"{program} failed: {result.LastLine}");
    }
}

/// <summary>A program of PostgreSQL failed. The message is for a person.</summary>
public sealed class PostgresProgramException(string message) : Exception(message);
