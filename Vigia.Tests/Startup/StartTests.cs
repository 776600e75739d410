using System.Net;
using Microsoft.AspNetCore.Builder;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

public sealed class StartTests(PostgresServer server)
{
    [Fact]
    public async Task CreateMasterThenRun_EmptyServer_GetsReadyAndStopsCleanly()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var master = server.PortalUrl($"master_{Guid.NewGuid():n}");
        var environment = new Dictionary<string, string> { ["MASTER_DATABASE_URL"] = master.ToTextWithPassword(), ["SECRET_KEY"] = "0123456789abcdef0123456789abcdef" };

        var made = await PortalProcess.RunAsync(["create-master"], environment, cancellationToken);
        Assert.True(made.ExitCode == 0, made.Error);
        var again = await PortalProcess.RunAsync(["create-master"], environment, cancellationToken);
        Assert.Equal(78, again.ExitCode);
        Assert.Contains("is there already", again.Error, StringComparison.Ordinal);

        await using var portal = PortalProcess.Start([], environment);
        await portal.WaitUntilReadyAsync(cancellationToken);
        using var client = new HttpClient { BaseAddress = portal.Address };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/health/live", UriKind.Relative), cancellationToken)).StatusCode);
        var health = await PortalProcess.RunAsync(["health"], new Dictionary<string, string> { ["ASPNETCORE_URLS"] = portal.Address.ToString() }, cancellationToken);
        Assert.True(health.ExitCode == 0, health.Error);

        var stopped = await portal.StopAsync(cancellationToken);
        Assert.True(stopped.ExitCode == 0, stopped.Error);
        Assert.DoesNotContain(master.Password, stopped.Output + stopped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RoleLacksRights_SaysTheStatementsAndAnotherIsWarnedAsSuperuser()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var role = $"corto_{Guid.NewGuid():n}"[..14];
        var master = await server.CreateDatabaseAsync(null, null, cancellationToken);
        await PostgresServer.ExecuteAsync(server.SuperuserUrl("postgres"), $"CREATE ROLE {role} LOGIN CREATEROLE PASSWORD 'una-clave-de-prueba'; ALTER DATABASE {master.Database} OWNER TO {role}", cancellationToken);

        var said = await OutputOfAsync(master.WithUser(role, "una-clave-de-prueba").ToTextWithPassword(), cancellationToken);
        Assert.Contains($"ALTER ROLE \"{role}\" CREATEDB; GRANT pg_signal_backend TO \"{role}\";", said, StringComparison.Ordinal);
        Assert.DoesNotContain("superuser postgres", said, StringComparison.Ordinal);

        var asSuperuser = await OutputOfAsync(server.SuperuserUrl(master.Database).ToTextWithPassword(), cancellationToken);
        Assert.Contains("The portal works as the superuser postgres", asSuperuser, StringComparison.Ordinal);
        Assert.DoesNotContain("lacks rights", asSuperuser, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_NobodyListens_Exits1()
    {
        var health = await PortalProcess.RunAsync(["health"], new Dictionary<string, string>(), TestContext.Current.CancellationToken);

        Assert.Equal(1, health.ExitCode);
    }

    private static async Task<string> OutputOfAsync(string master, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string> { ["MASTER_DATABASE_URL"] = master, ["SECRET_KEY"] = "0123456789abcdef0123456789abcdef" };
        await using var portal = PortalProcess.Start([], environment);
        await portal.WaitUntilReadyAsync(cancellationToken);
        return (await portal.StopAsync(cancellationToken)).Output;
    }

    [Fact]
    public void ContentRoot_TheOutputFolder_HasTheRootAppsettings()
    {
        // Demo:Days is in no file but the appsettings.json at the top of the repository.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });

        Assert.Equal("30", builder.Configuration["Demo:Days"]);
    }
}
