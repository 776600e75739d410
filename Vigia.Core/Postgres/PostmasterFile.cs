using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace Vigia.Core.Postgres;

/// <summary>What <c>postmaster.pid</c> says (src/include/utils/pidfile.h: line 1 process, line 4 port, line 8 status).</summary>
[UnsupportedOSPlatform("windows")]
internal sealed record PostmasterFile(int ProcessId, int Port, bool IsReady, string DataDirectory)
{
    /// <summary>The process lives and is a server on this directory, not somebody who got its number after a restart of the machine.</summary>
    internal bool IsAlive => CommandLine() is { } line && (line.Length == 0 ? !Directory.Exists("/proc") : line.Contains(DataDirectory, StringComparison.Ordinal));

    internal static PostmasterFile? Read(string dataDirectory)
    {
        try
        {
            var lines = File.ReadAllLines(PathIn(dataDirectory));
            if (lines.Length == 0 || !int.TryParse(lines[0], CultureInfo.InvariantCulture, out var process)) return null;
            var port = lines.Length > 3 && int.TryParse(lines[3], CultureInfo.InvariantCulture, out var number) ? number : 0;
            return new PostmasterFile(process, port, lines.Length > 7 && lines[7].Trim() == "ready", dataDirectory);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Removes the file when its process number belongs to another program by now, for fear of which the server would not start. While any
    /// process still works in the directory the file stays: it is what keeps two servers from one directory, and PostgreSQL itself
    /// sees through a number that nobody has.
    /// </summary>
    internal void RemoveIfSomebodyElses()
    {
        if (CommandLine() is null || IsAlive || !Directory.Exists("/proc")) return;
        if (Directory.EnumerateDirectories("/proc").Any(WorksHere)) return;
        File.Delete(PathIn(DataDirectory));
    }

    private static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "postmaster.pid");

    /// <summary>Null when no such process lives; empty where it can't be read or the process is already dead and not yet buried.</summary>
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

    private bool WorksHere(string process)
    {
        try
        {
            return new FileInfo(Path.Combine(process, "cwd")).ResolveLinkTarget(returnFinalTarget: false)?.FullName == DataDirectory;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            // Another user's process, or one that has just ended: not one of our server's.
            return false;
        }
    }
}
