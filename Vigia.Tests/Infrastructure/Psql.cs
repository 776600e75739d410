using System.Diagnostics;
using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Tests.Infrastructure;

/// <summary>The psql program, as somebody at a terminal uses it.</summary>
public static class Psql
{
    /// <summary>Runs one command.</summary>
    /// <returns>The exit code with what was printed: unaligned rows, or the error.</returns>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(PostgresUrl url, string sql, CancellationToken cancellationToken) =>
        StartAsync("psql", url, ["--no-psqlrc", "--tuples-only", "--no-align", "--command", sql], cancellationToken);

    /// <summary>pg_dump and psql: the content of one database in another, owners included.</summary>
    public static async Task CopyAsync(PostgresUrl from, PostgresUrl to, CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        var dumped = await StartAsync("pg_dump", from, ["--file", file], cancellationToken);
        Assert.True(dumped.ExitCode == 0, dumped.Error);
        var restored = await StartAsync("psql", to, ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", file], cancellationToken);
        Assert.True(restored.ExitCode == 0, restored.Error);
        File.Delete(file);
    }

    private static async Task<(int ExitCode, string Output, string Error)> StartAsync(string program, PostgresUrl url, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnectionStringBuilder(url.ConnectionString);
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PGHOST"] = connection.Host;
        start.Environment["PGPORT"] = connection.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        start.Environment["PGDATABASE"] = connection.Database;
        start.Environment["PGUSER"] = connection.Username;
        start.Environment["PGPASSWORD"] = connection.Password;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, (await output).Trim(), (await error).Trim());
    }
}
