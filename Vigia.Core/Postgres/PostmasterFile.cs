using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace Vigia.Core.Postgres;

/// <summary>
/// The content of <c>postmaster.pid</c> (src/include/utils/pidfile.h: line 1 is the process, line 4 the port, line 8
/// the status).
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed record PostmasterFile(int ProcessId, int Port, bool IsReady, string DataDirectory)
{
    /// <summary>
    /// Whether the process is alive and is a server on this directory. After a restart of the machine another program
    /// may have its process id.
    /// </summary>
    internal bool IsAlive =>
        CommandLine() is { } line
        && (line.Length == 0 ? !Directory.Exists("/proc") : line.Contains(DataDirectory, StringComparison.Ordinal));

    internal static PostmasterFile? Read(string dataDirectory)
    {
        try
        {
            var lines = File.ReadAllLines(PathIn(dataDirectory));
            if (lines.Length == 0
                || !int.TryParse(lines[0], CultureInfo.InvariantCulture, out var process)) return null;
            var port = lines.Length > 3
                && int.TryParse(lines[3], CultureInfo.InvariantCulture, out var number) ? number : 0;
            return new PostmasterFile(process, port, lines.Length > 7 && lines[7].Trim() == "ready", dataDirectory);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Removes the file when its process id belongs to another program, because PostgreSQL would then refuse to start.
    /// The file stays while any process works in the directory, because the file keeps two servers from using one
    /// directory. PostgreSQL itself ignores a process id that no process has.
    /// </summary>
    internal void RemoveIfStale()
    {
        if (CommandLine() is null || IsAlive || !Directory.Exists("/proc")) return;
        if (Directory.EnumerateDirectories("/proc").Any(WorksInDataDirectory)) return;
        File.Delete(PathIn(DataDirectory));
    }

    private static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "postmaster.pid");

    /// <summary>
    /// The command line of the process. Null when the process does not exist. Empty when the command line can't be read
    /// or the process is a zombie.
    /// </summary>
    private string? CommandLine()
    {
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            var file = $"/proc/{ProcessId}/cmdline";
            return File.Exists(file) ? File.ReadAllText(file) : "";
        }
        catch (Exception e) when (e is ArgumentException or IOException or InvalidOperationException)
        {
            return null;
        }
    }

    private bool WorksInDataDirectory(string process)
    {
        try
        {
            return new FileInfo(Path.Combine(process, "cwd"))
                .ResolveLinkTarget(returnFinalTarget: false)?.FullName == DataDirectory;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            // The process of another user, or one that has just ended. It is not a process of this server.
            return false;
        }
    }
}
