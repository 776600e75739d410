using System.Globalization;

namespace Vigia.Core.Postgres;

/// <summary>The server programs of an installed PostgreSQL.</summary>
/// <param name="Folder">The folder of <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c>.</param>
/// <param name="MajorVersion">The major version, such as 15.</param>
public sealed record PostgresPrograms(string Folder, int MajorVersion)
{
    private static readonly string[] Needed = ["initdb", "pg_ctl", "postgres"];

    public string PathOf(string program) => Path.Combine(Folder, program);

    /// <summary>
    /// Finds all installed versions, newest first: on PATH, beside <c>pg_config</c>, and in the folders of Debian and
    /// Red Hat.
    /// </summary>
    public static async Task<IReadOnlyList<PostgresPrograms>> FindAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, PostgresPrograms>(StringComparer.Ordinal);
        foreach (var folder in Candidates())
        {
            var real = RealFolder(folder);
            if (real is null || found.ContainsKey(real)) continue;
            if (await VersionAsync(real, cancellationToken) is { } version)
                found[real] = new PostgresPrograms(real, version);
        }

        return [.. found.Values.OrderByDescending(p => p.MajorVersion)];
    }

    private static IEnumerable<string> Candidates()
    {
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return folder;
        foreach (var parent in (string[])["/usr/lib/postgresql", "/usr/pgsql", "/usr/local/pgsql", "/opt/homebrew/opt"])
        {
            if (!Directory.Exists(parent)) continue;
            yield return Path.Combine(parent, "bin");
            foreach (var version in Directory.EnumerateDirectories(parent))
                yield return Path.Combine(version, "bin");
        }
    }

    /// <summary>
    /// The real folder of the programs. PATH may contain only a link to <c>initdb</c>. Its target lies beside the other
    /// programs.
    /// </summary>
    private static string? RealFolder(string folder)
    {
        var initdb = new FileInfo(Path.Combine(folder, "initdb"));
        if (!initdb.Exists) return null;
        var target = initdb.ResolveLinkTarget(returnFinalTarget: true) ?? initdb;
        var real = Path.GetDirectoryName(target.FullName)!;
        return Needed.All(p => File.Exists(Path.Combine(real, p))) ? real : null;
    }

    private static async Task<int?> VersionAsync(string folder, CancellationToken cancellationToken)
    {
        // "postgres (PostgreSQL) 15.8 (Debian …)", "postgres (PostgreSQL) 18beta1"
        var answer = await ServerUser.Current.RunAsync(
            Path.Combine(folder, "postgres"), ["--version"], cancellationToken);
        var words = answer.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var digits = words.Length < 3 ? "" : string.Concat(words[2].TakeWhile(char.IsAsciiDigit));
        return answer.ExitCode == 0
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
    }
}
