using System.Diagnostics;
using System.Text.RegularExpressions;
using Vigia.Core.Postgres;
using Vigia.Tests.Architecture;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Adoption;

/// <summary>
/// Runs every command of docs/migrating.md, in its order, with the real program on a server of its own.
/// </summary>
public sealed partial class MigratingTests
{
    private const string Password = "clave del producto";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Guide_WordByWord_MakesTheExistingDatabaseTheFirstTenant()
    {
        await using var server = await PostgresServer.StartNewAsync(new PostgresServerOptions { MaxConnections = 60 });
        await using var database = await ProductDatabase.CreateAsync(server, ProductDatabase.Tables, "vigiadb");
        await database.AsProductAsync($"""
            UPDATE users SET hashed_password = '{BCrypt.Net.BCrypt.HashPassword(Password, 4)}' WHERE id = 1
            """);
        await database.AsProductAsync("""
            CREATE TABLE "ALTER ROLE product SUPERUSER;" (id int);
            CREATE TABLE "a
              ALTER ROLE product SUPERUSER;" (id int)
            """);
        var columns = await database.ColumnsAsync();
        var before = await database.ChecksumsAsync(columns);
        using var folder = TestFolder.Create();

        var (exitCode, output) = await RunAsync(await ScriptAsync(server), folder.Path);

        var log = Path.Combine(folder.Path, "portal.log");
        Assert.True(exitCode == 0, output + (File.Exists(log) ? await File.ReadAllTextAsync(log, Cancellation) : ""));
        Assert.Contains("Requested.", output, StringComparison.Ordinal);
        Assert.Equal(before, await database.ChecksumsAsync(columns));
        Assert.Contains("a\\u000a  ALTER ROLE product SUPERUSER;", output, StringComparison.Ordinal);
        Assert.Equal("0", await ScalarAsync(server,
            "SELECT count(*)::text FROM pg_roles WHERE rolsuper AND oid >= 16384"));
        Assert.Equal("vigiadb andinos ready true", await ScalarAsync(server,
            "SELECT concat_ws(' ', db_name, subdominio, state, is_active::text) FROM clientes_saas"));
    }

    // The page with this server's addresses in place of the examples.
    private static async Task<string> ScriptAsync(PostgresServer server)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(SourceFiles.Root, "docs/migrating.md"), Cancellation);
        var superuser = server.SuperuserUrl("postgres");
        var master = superuser.WithUser("migra", PasswordGenerator.Create()).WithDatabase("vigia_master");
        var script = string.Join('\n', Block().Matches(page).Select(m => m.Groups[1].Value))
            .Replace("postgresql://postgres:secret@127.0.0.1:5432/postgres", Url(superuser), StringComparison.Ordinal)
            .Replace("postgresql://vigia_portal:another-secret@127.0.0.1:5432/vigia_master", Url(master),
                StringComparison.Ordinal)
            .Replace("postgresql://vigia_portal:another-secret@127.0.0.1:5432/{db_name}",
                Url(master)[..^"vigia_master".Length] + "{db_name}", StringComparison.Ordinal)
            .Replace("http://127.0.0.1:5080", $"http://127.0.0.1:{PostgresCluster.FreePort()}",
                StringComparison.Ordinal);
        return $$"""
            set -euo pipefail

            # Each background job is a process group of its own, so that the program ends and not only its shell.
            set -o monitor
            Vigia.Portal() { dotnet "{{PortalProcess.Program}}" "$@"; }
            trap 'for job in $(jobs -p); do kill -- "-$job" 2> /dev/null || true; done; wait || true' EXIT
            PRODUCT_PASSWORD='{{Password}}'
            {{script}}
            """;
    }

    private static string Url(Core.Foundation.Configuration.PostgresUrl url) =>
        $"postgresql://{url.Username}:{url.Password}@{url.Host}:{url.Port}/{url.Database}";

    private static async Task<(int ExitCode, string Output)> RunAsync(string script, string folder)
    {
        var file = Path.Combine(folder, "guide.sh");
        await File.WriteAllTextAsync(file, script, Cancellation);
        using var process = Process.Start(new ProcessStartInfo("timeout", ["--kill-after=5", "150", "bash", file])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancellation),
            process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, await output + await error);
    }

    private static async Task<string?> ScalarAsync(PostgresServer server, string sql)
    {
        await using var session = await PostgresServer.OpenAsync(server.SuperuserUrl("vigia_master"), Cancellation);
        await using var command = new Npgsql.NpgsqlCommand(sql, session);
        return await command.ExecuteScalarAsync(Cancellation) as string;
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
