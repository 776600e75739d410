using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

/// <summary>
/// The real program with a fault in its configuration ends with an exit code and a few lines. They never contain a
/// stack trace or a password.
/// </summary>
public sealed class WrongStartTests(PostgresServer server)
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("TENANT_DB_TEMPLATE", "postgresql://u:s3cret@db/vigia")]
    [InlineData("MASTER_DATABASE_URL", "oracle://u:s3cret@db/vigia")]
    [InlineData("SECRET_KEY", "s3cret")]
    [InlineData("PORTAL_ADMIN_EMAIL", "nobody")]
    [InlineData("Trash__RetentionDays", "1")]
    [InlineData("Proxies__Known", "10.0.0.0/8, nobody")]
    [InlineData("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true")]
    [InlineData("Staff__LockAfterMinutes", "0")]
    [InlineData("Oidc__SecondFactor", "perhaps")]
    [InlineData("PRODUCT_DB_ROLE", "postgres")]
    [InlineData("PGBOUNCER_AUTH_ROLE", "pg_read_all_data")]
    public async Task Run_WrongSetting_Exits78(string setting, string value)
    {
        var result = await PortalProcess.RunAsync(
            [], new Dictionary<string, string>
            {
                ["MASTER_DATABASE_URL"] = "postgresql://u:s3cret@127.0.0.1:1/m", ["SECRET_KEY"] = Key,
                ["PORTAL_ADMIN_PASSWORD"] = "tres tristes tigres", ["PORTAL_ADMIN_EMAIL"] = "a@vigia.pe",
                [setting] = value
            }, TestContext.Current.CancellationToken);

        AssertTold(result.ExitCode, result.Error, setting.Replace("__", ":", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Authority", "http://login.example.com")]
    [InlineData("Authority", "login.example.com")]
    [InlineData("Authority", "https://login.example.com/?tenant=1")]
    [InlineData("Authority", "")]
    [InlineData("ClientId", "")]
    [InlineData("ClientSecret", "")]
    [InlineData("Scopes", "email")]
    [InlineData("DisplayName", "Un proveedor cuyo nombre no cabe en ningún botón")]
    public async Task Run_WrongIdentityProvider_Exits78(string setting, string value)
    {
        var environment = new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = "postgresql://u:s3cret@127.0.0.1:1/m", ["SECRET_KEY"] = Key,
            ["Oidc__Authority"] = "https://login.example.com", ["Oidc__ClientId"] = "vigia",
            ["Oidc__ClientSecret"] = "s3cret",
        };
        environment[$"Oidc__{setting}"] = value;

        var result = await PortalProcess.RunAsync([], environment, TestContext.Current.CancellationToken);

        AssertTold(result.ExitCode, result.Error, $"Oidc:{setting}:");
        Assert.Contains($"  example: Oidc:{setting}=", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ProductRoleMissing_Exits78AndSaysHowToMakeIt()
    {
        var master = await server.CreateMasterAsync(null, TestContext.Current.CancellationToken);
        var result = await PortalProcess.RunAsync(
            [], new Dictionary<string, string>
            {
                ["MASTER_DATABASE_URL"] = master.ToTextWithPassword(), ["SECRET_KEY"] = Key,
                ["PRODUCT_DB_ROLE"] = "vigia_no_such_role",
            }, TestContext.Current.CancellationToken);
        await server.DropDatabaseAsync(master.Database, TestContext.Current.CancellationToken);

        AssertTold(result.ExitCode, result.Error, "PRODUCT_DB_ROLE: the server has no role \"vigia_no_such_role\"");
        Assert.Contains("CREATE ROLE \"vigia_no_such_role\" LOGIN", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ServerOutOfReach_Exits78()
    {
        var result = await PortalProcess.RunAsync(
            [], new Dictionary<string, string>
            { ["MASTER_DATABASE_URL"] = "postgresql://u:s3cret@127.0.0.1:1/m", ["SECRET_KEY"] = Key },
            TestContext.Current.CancellationToken);

        AssertTold(result.ExitCode, result.Error, "can't be reached");
    }

    [Fact]
    public async Task Run_MasterMissing_NamesCreateMasterAndMakesNothing()
    {
        var master = server.PortalUrl($"missing_{Guid.NewGuid():n}");
        var result = await PortalProcess.RunAsync(
            [], new Dictionary<string, string>
            { ["MASTER_DATABASE_URL"] = master.ToTextWithPassword(), ["SECRET_KEY"] = Key },
            TestContext.Current.CancellationToken);

        AssertTold(result.ExitCode, result.Error, "create-master");
        Assert.DoesNotContain(master.Password, result.Error, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Npgsql.PostgresException>(
            () => PostgresServer.OpenAsync(master, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Run_WrongPassword_Exits78()
    {
        var master = server.PortalUrl("postgres").WithDatabase("m").WithUser(PostgresServer.PortalRole, "s3cret");
        var result = await PortalProcess.RunAsync(
            [], new Dictionary<string, string>
            { ["MASTER_DATABASE_URL"] = master.ToTextWithPassword(), ["SECRET_KEY"] = Key },
            TestContext.Current.CancellationToken);

        AssertTold(result.ExitCode, result.Error, "refuses user");
    }

    [Theory]
    [InlineData("TZDIR", "/var/empty", "America/Lima")]
    [InlineData("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1", "invariant")]
    public async Task Run_MachineWithoutTimeZonesOrLanguages_Exits78BeforeTheMasterIsTouched(
        string variable, string value, string expected)
    {
        var master = await server.CreateDatabaseAsync(null, null, TestContext.Current.CancellationToken);
        var result = await PortalProcess.RunAsync([], Settings(master, (variable, value)),
            TestContext.Current.CancellationToken);

        AssertTold(result.ExitCode, result.Error, expected);
        await AssertUntouchedAsync(master.Database);
    }

    // ICU's libraries are hidden in a mount namespace of the program's own.
    [Fact]
    [Trait("needs", "mount")]
    public async Task Run_MachineWithoutIcu_Exits78()
    {
        var start = new ProcessStartInfo("unshare", ["--mount", "sh", "-c",
            "for f in $(ls /usr/lib/*/libicuuc.so*); do mount --bind /dev/null $f; done; exec \"$0\" \"$@\"",
            "dotnet", PortalProcess.Program])
        {
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        AssertTold(process.ExitCode, error.Trim(), "ICU is not installed");
    }

    [Fact]
    public async Task Run_MasterInLatin1_Exits78AndItIsNotTouched()
    {
        var name = $"test_{Guid.NewGuid():n}";
        await PostgresServer.ExecuteAsync(server.PortalUrl("postgres"),
            $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
            TestContext.Current.CancellationToken);

        var result = await PortalProcess.RunAsync([], Settings(server.PortalUrl(name)),
            TestContext.Current.CancellationToken);

        AssertTold(result.ExitCode, result.Error, "LATIN1");
        await AssertUntouchedAsync(name);
    }

    // As a server that was built without ICU has it.
    [Fact]
    public async Task Run_MasterWithoutIcu_Exits78AndItIsNotTouched()
    {
        var master = await server.CreateDatabaseAsync(null, null, TestContext.Current.CancellationToken);
        await PostgresServer.ExecuteAsync(server.SuperuserUrl(master.Database),
            "SET allow_system_table_mods = on; DELETE FROM pg_collation WHERE collprovider = 'i'",
            TestContext.Current.CancellationToken);

        var result = await PortalProcess.RunAsync([], Settings(master), TestContext.Current.CancellationToken);

        AssertTold(result.ExitCode, result.Error, "es-PE-x-icu");
        await AssertUntouchedAsync(master.Database);
    }

    // As a server without PostgreSQL's modules has it.
    [Fact]
    public async Task Run_ServerWithoutTrigrams_Exits78AndItIsNotTouched()
    {
        var master = await server.CreateDatabaseAsync(null, null, TestContext.Current.CancellationToken);
        await PostgresServer.ExecuteAsync(server.SuperuserUrl(master.Database),
            "SET allow_system_table_mods = on; CREATE OR REPLACE VIEW pg_catalog.pg_available_extensions AS "
            + "SELECT e.name, e.default_version, x.extversion AS installed_version, e.comment "
            + "FROM pg_available_extensions() e(name, default_version, comment) "
            + "LEFT JOIN pg_extension x ON e.name = x.extname WHERE e.name <> 'pg_trgm'",
            TestContext.Current.CancellationToken);

        var result = await PortalProcess.RunAsync([], Settings(master), TestContext.Current.CancellationToken);

        AssertTold(result.ExitCode, result.Error, "pg_trgm");
        await AssertUntouchedAsync(master.Database);
    }

    public static TheoryData<string, string, string> Listening => new()
    {
        { "ASPNETCORE_URLS", "http://127.0.0.1:{taken}", "Another program listens there" },
        { "Kestrel__Endpoints__Http__Url", "http://127.0.0.1:{taken}", "Another program listens there" },
        { "ASPNETCORE_URLS", "http://192.0.2.1:5080", "can't listen on its addresses" },
        { "Kestrel__Certificates__Default__Path", "/nowhere/portal.pfx", "certificate for https" },
        { "Kestrel__Certificates__Default__Path", "{garbage}", "certificate for https" },
        { "Kestrel__Endpoints__Https__Certificate__Path", "{garbage}", "certificate for https" },
    };

    [Theory]
    [MemberData(nameof(Listening))]
    public async Task Run_CannotListen_Exits78BeforeTheMasterIsTouched(string setting, string value, string expected)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var garbage = Path.GetTempFileName();
        await File.WriteAllTextAsync(garbage, "no certificate", TestContext.Current.CancellationToken);
        var master = await server.CreateDatabaseAsync(null, null, TestContext.Current.CancellationToken);
        var text = value.Replace("{taken}", $"{((IPEndPoint)other.LocalEndpoint).Port}", StringComparison.Ordinal)
            .Replace("{garbage}", garbage, StringComparison.Ordinal);
        var settings = Settings(master, (setting, text));
        if (setting.Contains("Https", StringComparison.Ordinal))
        {
            settings["Kestrel__Endpoints__Https__Url"] = "https://127.0.0.1:0";
        }

        var result = await PortalProcess.RunAsync([], settings, TestContext.Current.CancellationToken);

        File.Delete(garbage);
        AssertTold(result.ExitCode, result.Error, expected);
        await AssertUntouchedAsync(master.Database);
    }

    // The secret of another master, and a migration that is pending: it stays so.
    [Fact]
    public async Task Run_SecretOfAnotherMaster_Exits78BeforeTheMasterIsMigrated()
    {
        var master = await server.CreateMasterAsync(null, TestContext.Current.CancellationToken);
        await using (var first = PortalProcess.Start([], Settings(master)))
        {
            await first.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
            await first.KillAsync(TestContext.Current.CancellationToken);
        }

        var pending = "DELETE FROM portal.migrations WHERE migration_id = (SELECT max(migration_id) "
            + "FROM portal.migrations)";
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl(master.Database), pending, TestContext.Current.CancellationToken);

        var result = await PortalProcess.RunAsync(
            [], Settings(master, ("SECRET_KEY", "another-secret-key-that-is-long-enough")),
            TestContext.Current.CancellationToken);

        AssertTold(result.ExitCode, result.Error, "SECRET_KEY");
        await server.DropDatabaseAsync(master.Database, TestContext.Current.CancellationToken);
    }

    private async Task AssertUntouchedAsync(string database)
    {
        await using (var session = await PostgresServer.OpenAsync(
            server.SuperuserUrl(database), TestContext.Current.CancellationToken))
        {
            await using var command = new Npgsql.NpgsqlCommand(
                """
                SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
                """, session);
            Assert.Equal(0L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        }

        await server.DropDatabaseAsync(database, TestContext.Current.CancellationToken);
    }

    private static Dictionary<string, string> Settings(
        Core.Foundation.Configuration.PostgresUrl master, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = master.ToTextWithPassword(), ["SECRET_KEY"] = Key,
        };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return settings;
    }

    [Fact]
    public async Task Run_DotEnvInTheWorkingFolder_IsOverriddenByTheEnvironment()
    {
        var folder = Directory.CreateTempSubdirectory("vigia-env-").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, ".env"),
            "MASTER_DATABASE_URL=postgresql://u:pa$word#1@127.0.0.1:1/m\nexport SECRET_KEY=\"" + Key
            + "\"\nVIGIA_ROLES=nobody\nTrash__RetentionDays=1\n", TestContext.Current.CancellationToken);

        var result = await PortalProcess.RunAsync(
            [], new Dictionary<string, string> { ["VIGIA_ROLES"] = "staff" }, TestContext.Current.CancellationToken,
            folder);

        AssertTold(result.ExitCode, result.Error, "Trash:RetentionDays");
        Assert.StartsWith("Vigia Portal can't start. A setting is wrong.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_UnknownCommand_Exits64()
    {
        var result = await PortalProcess.RunAsync(
            ["destroy"], new Dictionary<string, string>(), TestContext.Current.CancellationToken);

        Assert.Equal(64, result.ExitCode);
        Assert.Contains("create-master", result.Error, StringComparison.Ordinal);
    }

    private static void AssertTold(int exitCode, string error, string expected)
    {
        Assert.True(exitCode == 78, $"exit code {exitCode}\n{error}");
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.True(error.Split('\n').Length <= 6, error);
    }
}
