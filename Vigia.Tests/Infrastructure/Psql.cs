using System.Diagnostics;
using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Tests.Infrastructure;

/// <summary>The psql program, as somebody at a terminal uses it.</summary>
public static class Psql
{
    /// <summary>Runs one command.</summary>
    /// <returns>The exit code with what was printed: unaligned rows, or the error.</returns>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(PostgresUrl url, string sql, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnectionStringBuilder(url.ConnectionString);
        var start = new ProcessStartInfo("psql", ["--no-psqlrc", "--tuples-only", "--no-align", "--command", sql]) { RedirectStandardOutput = true, RedirectStandardError = true };
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
