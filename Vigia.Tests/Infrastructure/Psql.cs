using System.Diagnostics;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Postgres;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// The programs psql and pg_dump, as a person at a terminal uses them. pg_dump refuses a server that is newer than
/// itself. Tests that use it have the trait <c>needs=pg_dump</c>.
/// </summary>
public static class Psql
{
    /// <summary>Runs one command.</summary>
    /// <returns>The exit code and the output: unaligned rows, or the error.</returns>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(
        PostgresUrl url, string sql, CancellationToken cancellationToken) =>
        StartAsync("psql", url, ["--no-psqlrc", "--tuples-only", "--no-align", "--command", sql], cancellationToken);

    /// <summary>Copies the content of one database into another with pg_dump and psql, owners included.</summary>
    public static async Task CopyAsync(PostgresUrl from, PostgresUrl to, CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        var dumped = await StartAsync("pg_dump", from, ["--file", file], cancellationToken);
        Assert.True(dumped.ExitCode == 0, dumped.Error);
        var restored = await StartAsync(
            "psql", to, ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", file], cancellationToken);
        Assert.True(restored.ExitCode == 0, restored.Error);
        File.Delete(file);
    }

    /// <summary>
    /// Replaces a database as a person who has only a dump does: <c>pg_dump -Fc</c>, DROP DATABASE, <c>createdb</c> and
    /// <c>pg_restore</c>. With <paramref name="create"/>, <c>pg_restore --create</c> replaces the last two commands.
    /// </summary>
    /// <param name="database">The database that is dumped, dropped and restored.</param>
    /// <param name="create">Whether <c>pg_restore</c> creates the database.</param>
    /// <param name="arguments">Further arguments for <c>pg_restore</c>.</param>
    public static async Task DropAndRestoreAsync(
        PostgresServer server, string database, bool create, params string[] arguments)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var file = Path.GetTempFileName();
        await SucceedAsync("pg_dump", server.PortalUrl(database), ["-Fc", "--file", file], cancellationToken);
        await PostgresServer.ExecuteAsync(server.PortalUrl("postgres"),
            $"DROP DATABASE {SqlIdentifier.Quote(database)} WITH (FORCE)", cancellationToken);
        if (create)
        {
            await SucceedAsync("pg_restore", server.PortalUrl("postgres"),
                ["--exit-on-error", "--create", "--dbname", "postgres", .. arguments, file], cancellationToken);
        }
        else
        {
            await SucceedAsync("createdb", server.PortalUrl("postgres"),
                ["--template", "template0", "--encoding", "UTF8", database], cancellationToken);
            await SucceedAsync("pg_restore", server.PortalUrl(database),
                ["--exit-on-error", "--dbname", database, .. arguments, file], cancellationToken);
        }

        File.Delete(file);
    }

    /// <summary>
    /// Reads from a logical replication slot (<c>pgoutput</c>) until the server ends the session. Does not reconnect.
    /// </summary>
    public static Task ReceiveAsync(PostgresUrl from, string slot, CancellationToken cancellationToken) => StartAsync(
        "pg_recvlogical", from,
        [
            "--start", "--no-loop", "--slot", slot, "--dbname", from.Database, "--file", "/dev/null",
            "-o", "proto_version=1", "-o", "publication_names=none",
        ],
        cancellationToken);

    private static async Task SucceedAsync(
        string program, PostgresUrl url, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var (exitCode, _, error) = await StartAsync(program, url, arguments, cancellationToken);
        Assert.True(exitCode == 0, $"{program}: {error}");
    }

    /// <summary>Returns the output of pg_dump for a database.</summary>
    public static async Task<string> DumpAsync(
        PostgresUrl from, CancellationToken cancellationToken, params IEnumerable<string> arguments)
    {
        var dumped = await StartAsync("pg_dump", from, arguments, cancellationToken);
        Assert.True(dumped.ExitCode == 0, dumped.Error);
        return dumped.Output;
    }

    /// <summary>Runs a dump with psql, which continues after errors.</summary>
    /// <returns>The exit code and the errors.</returns>
    public static async Task<(int ExitCode, string Error)> RestoreAsync(
        PostgresUrl to, string dump, CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, dump, cancellationToken);
        var restored = await StartAsync("psql", to, ["--no-psqlrc", "--quiet", "--file", file], cancellationToken);
        File.Delete(file);
        return (restored.ExitCode, restored.Error);
    }

    private static async Task<(int ExitCode, string Output, string Error)> StartAsync(
        string program, PostgresUrl url, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnectionStringBuilder(url.ConnectionString);
        var start = new ProcessStartInfo(
            program, arguments)
        { RedirectStandardOutput = true, RedirectStandardError = true };
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
