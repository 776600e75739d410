using Vigia.Core.Foundation.Configuration;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

/// <summary>The command that makes the portal's role on a new server.</summary>
public sealed class CreateRoleTests(PostgresServer server)
{
    private const string Password = "una-clave-muy-larga-81";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateRole_NewServer_SendsNoPasswordToTheServer()
    {
        await using var fresh = await PostgresServer.StartNewAsync(new PostgresServerOptions
        {
            Settings =
            [
                "log_statement = 'all'", "logging_collector = on", "log_directory = 'log'", "log_filename = 'all.log'"
            ],
        });
        using var folder = TestFolder.Create();
        var superuser = fresh.SuperuserUrl("postgres");
        var role = $"portal_{Guid.NewGuid():n}"[..20];
        var master = superuser.WithUser(role, "").WithDatabase("vigia_master");
        var environment = new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = master.ToTextWithPassword(),
            ["PORTAL_DB_PASSWORD_FILE"] = Write(folder, "role", Password),
            ["SECRET_KEY"] = "0123456789abcdef0123456789abcdef",
            ["VIGIA_SUPERUSER_URL"] = superuser.WithUser(superuser.Username, "").ToTextWithPassword(),
            ["VIGIA_SUPERUSER_PASSWORD_FILE"] = Write(folder, "superuser", superuser.Password),
        };

        var made = await PortalProcess.RunAsync(["create-role"], environment, Cancellation);
        var again = await PortalProcess.RunAsync(["create-role"], environment, Cancellation);

        Assert.True(made.ExitCode == 0, made.Error);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Contains($"Made the role {role}", made.Output, StringComparison.Ordinal);
        Assert.Contains("was there", again.Output, StringComparison.Ordinal);
        var stored = await ScalarAsync(superuser, $"SELECT rolpassword FROM pg_authid WHERE rolname = '{role}'");
        Assert.StartsWith("SCRAM-SHA-256$4096:", stored, StringComparison.Ordinal);
        Assert.Equal("t t t f", await ScalarAsync(
            superuser,
            "SELECT concat_ws(' ', rolcanlogin, rolcreatedb, rolcreaterole, rolsuper) FROM pg_roles "
            + $"WHERE rolname = '{role}'"));

        var log = await ScalarAsync(superuser, "SELECT pg_read_file('log/all.log')");
        Assert.Contains($"CREATE ROLE \"{role}\"", log, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, log, StringComparison.Ordinal);

        // With it the next command makes the master.
        var next = await PortalProcess.RunAsync(["create-master"], environment, Cancellation);
        Assert.True(next.ExitCode == 0, next.Error);
    }

    [Fact]
    public async Task CreateRole_WithoutASuperuser_SaysWhatIsMissing()
    {
        var refused = await PortalProcess.RunAsync(
            ["create-role"], new Dictionary<string, string>
            {
                ["MASTER_DATABASE_URL"] = server.PortalUrl("vigia_master").ToTextWithPassword(),
                ["SECRET_KEY"] = "0123456789abcdef0123456789abcdef",
            }, Cancellation);

        Assert.Equal(78, refused.ExitCode);
        Assert.Contains("VIGIA_SUPERUSER_URL", refused.Error, StringComparison.Ordinal);
    }

    private static string Write(TestFolder folder, string name, string content)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllText(path, content + "\n");
        return path;
    }

    private static async Task<string> ScalarAsync(PostgresUrl url, string sql)
    {
        await using var connection = await PostgresServer.OpenAsync(url, Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
