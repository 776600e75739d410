using System.Diagnostics;

namespace Vigia.Core.Postgres;

/// <summary>
/// The operating-system user that runs a PostgreSQL server of the portal. The server refuses to run as root, so root
/// starts its programs as an unprivileged user.
/// </summary>
/// <param name="Name">The user to switch to. Null for the user of this process.</param>
public sealed record ServerUser(string? Name)
{
    private static readonly string[] Preferred = ["postgres", "nobody", "daemon"];

    /// <summary>The user of this process.</summary>
    public static ServerUser Current { get; } = new((string?)null);

    /// <summary>
    /// Finds the user for the server: the user of this process, or an unprivileged user when the process runs as root.
    /// Null when root finds no such user.
    /// </summary>
    public static ServerUser? Find()
    {
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows()) return Current;
        var known = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        return Preferred.FirstOrDefault(known.Contains) is { } name ? new ServerUser(name) : null;
    }

    /// <summary>
    /// Runs a program to its end as this user. The arguments never pass through a shell. Cancelling kills the program.
    /// </summary>
    public async Task<ProgramResult> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            // The other user may not be able to enter this process's working folder.
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C";
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        if (Name is not null) start.UserName = Name;

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new ProgramResult(process.ExitCode, (await output).Trim(), (await error).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

/// <summary>The result of a program.</summary>
public sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>The last line that is not empty, for a message to a person.</summary>
    public string LastLine =>
        $"{Output}\n{Error}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .LastOrDefault() ?? $"exit code {ExitCode}";
}
