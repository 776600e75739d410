using System.Net;
using Microsoft.AspNetCore.Builder;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

public sealed class StartTests(PostgresServer server)
{
    [Fact]
    public async Task CreateMasterThenRun_EmptyServer_BecomesReadyAndStopsCleanly()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var master = server.PortalUrl($"master_{Guid.NewGuid():n}");
        var environment = new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = master.ToTextWithPassword(),
            ["SECRET_KEY"] = "0123456789abcdef0123456789abcdef"
        };

        var made = await PortalProcess.RunAsync(["create-master"], environment, cancellationToken);
        Assert.True(made.ExitCode == 0, made.Error);
        var again = await PortalProcess.RunAsync(["create-master"], environment, cancellationToken);
        Assert.Equal(78, again.ExitCode);
        Assert.Contains("exists already", again.Error, StringComparison.Ordinal);

        await using var portal = PortalProcess.Start([], environment);
        await portal.WaitUntilReadyAsync(cancellationToken);
        using var client = new HttpClient { BaseAddress = portal.Address };
        Assert.Equal(HttpStatusCode.OK,
            (await client.GetAsync(new Uri("/health/live", UriKind.Relative), cancellationToken)).StatusCode);
        var health = await PortalProcess.RunAsync(
            ["health"], new Dictionary<string, string> { ["ASPNETCORE_URLS"] = portal.Address.ToString() },
            cancellationToken);
        Assert.True(health.ExitCode == 0, health.Error);

        var stopped = await portal.StopAsync(cancellationToken);
        Assert.True(stopped.ExitCode == 0, stopped.Error);
        Assert.DoesNotContain(master.Password, stopped.Output + stopped.Error, StringComparison.Ordinal);
    }

    // A portal that has staff does not use it any more, so an upgrade with stricter checks does not stop the portal.
    [Fact]
    public async Task Run_GuessableAdministratorsPassword_StopsAStartWithoutStaffOnly()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var empty = await server.CreateMasterAsync(null, cancellationToken);
        var environment = new Dictionary<string, string>
        {
            ["SECRET_KEY"] = CoreHost.Secret,
            ["PORTAL_ADMIN_EMAIL"] = "admin@vigia.pe", ["PORTAL_ADMIN_PASSWORD"] = "Admin@vigia.pe",
            ["MASTER_DATABASE_URL"] = empty.ToTextWithPassword(),
        };

        var refused = await PortalProcess.RunAsync([], environment, cancellationToken);

        Assert.True(refused.ExitCode == 78, refused.Error);
        Assert.Contains("PORTAL_ADMIN_PASSWORD: it is too easy to guess", refused.Error, StringComparison.Ordinal);
        Assert.Contains("example: PORTAL_ADMIN_PASSWORD=", refused.Error, StringComparison.Ordinal);
        await server.DropDatabaseAsync(empty.Database, cancellationToken);

        await using var withStaff = await CoreHost.StartAsync(server, workers: false);
        environment["MASTER_DATABASE_URL"] = withStaff.Master.ToTextWithPassword();
        await using var portal = PortalProcess.Start([], environment);
        await portal.WaitUntilReadyAsync(cancellationToken);
    }

    [Fact]
    public async Task Run_RoleLacksRightsOrIsSuperuser_NamesTheStatementsOrWarns()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var role = $"corto_{Guid.NewGuid():n}"[..14];
        var master = await server.CreateDatabaseAsync(null, null, cancellationToken);
        await PostgresServer.ExecuteAsync(
            server.SuperuserUrl("postgres"),
            $"CREATE ROLE {role} LOGIN CREATEROLE PASSWORD 'una-clave-de-prueba'; "
            + $"ALTER DATABASE {master.Database} OWNER TO {role}", cancellationToken);

        var said = await OutputOfAsync(
            master.WithUser(role, "una-clave-de-prueba").ToTextWithPassword(), cancellationToken);
        Assert.Contains($"ALTER ROLE \"{role}\" CREATEDB; GRANT pg_signal_backend TO \"{role}\";", said,
            StringComparison.Ordinal);
        Assert.DoesNotContain("superuser postgres", said, StringComparison.Ordinal);

        var asSuperuser = await OutputOfAsync(
            server.SuperuserUrl(master.Database).ToTextWithPassword(), cancellationToken);
        Assert.Contains("The portal works as the superuser postgres", asSuperuser, StringComparison.Ordinal);
        Assert.DoesNotContain("lacks privileges", asSuperuser, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithABaseUrl_PagesAnswerOnThatHostOnlyAndHealthOnAny()
    {
        var (portal, client) =
            await StartedAsync(new Dictionary<string, string> { ["PORTAL_BASE_URL"] = "https://portal.vigia.test" });
        await using var _ = portal;
        using var __ = client;

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/cuenta/entrar", "portal.vigia.test"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/cuenta/entrar", "PORTAL.vigia.test:8443"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, "/cuenta/entrar", "andinos.vigia.test"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, "/_framework/blazor.web.js", null));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/health/ready", null));
    }

    [Fact]
    public async Task Run_AsAWorkerOnly_HasNoPagesAndNoSetUpLink()
    {
        var (portal, client) = await StartedAsync(new Dictionary<string, string> { ["VIGIA_ROLES"] = "worker" });
        await using var _ = portal;
        using var __ = client;

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, "/cuenta/entrar", null));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, "/", null));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/health/ready", null));
        Assert.DoesNotContain("first administrator", portal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OnAProductsRegistry_NamesDuplicatesAndWarnsOfBrokenRules()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var master = await server.CreateDatabaseAsync(null, null, cancellationToken);
        await PostgresServer.ExecuteAsync(
            master,
            """
            CREATE TABLE clientes_saas (
                id serial PRIMARY KEY, ruc varchar(11), razon_social varchar(255), subdominio varchar(63),
                correo_acceso varchar(255), contacto_nombre varchar(255), plan varchar(50), entorno varchar(20),
                is_active boolean, config jsonb, limitar_emision boolean,
                max_comprobantes integer, max_usuarios integer, max_establecimientos integer);
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, entorno)
            VALUES ('20131312955', 'Uno', 'igual', 'a@a.pe', 'produccion'),
                ('20100000009', 'Dos', 'igual', 'a@a.pe', 'prueba');
            """, cancellationToken);
        var environment = new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = master.ToTextWithPassword(),
            ["SECRET_KEY"] = "0123456789abcdef0123456789abcdef"
        };

        var refused = await PortalProcess.RunAsync([], environment, cancellationToken);

        Assert.NotEqual(0, refused.ExitCode);
        Assert.True(refused.Error.Contains(
            "clientes_saas has several clients with subdominio = igual", StringComparison.Ordinal), refused.Error);
        await PostgresServer.ExecuteAsync(
            master, "UPDATE clientes_saas SET subdominio = 'otro' WHERE ruc = '20100000009'", cancellationToken);
        var said = await OutputOfAsync(master.ToTextWithPassword(), cancellationToken);
        Assert.Contains("vigia_entorno_known: 1", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_NobodyListens_Exits1()
    {
        var health = await PortalProcess.RunAsync(
            ["health"], new Dictionary<string, string>(), TestContext.Current.CancellationToken);

        Assert.Equal(1, health.ExitCode);
    }

    private async Task<(PortalProcess Portal, HttpClient Tenant)> StartedAsync(Dictionary<string, string> environment)
    {
        var master = await server.CreateMasterAsync(null, TestContext.Current.CancellationToken);
        environment["MASTER_DATABASE_URL"] = master.ToTextWithPassword();
        environment["SECRET_KEY"] = "0123456789abcdef0123456789abcdef";
        var portal = PortalProcess.Start([], environment);
        await portal.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        return (portal, new HttpClient { BaseAddress = portal.Address });
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path, string? host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Host = host;
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static async Task<string> OutputOfAsync(string master, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>
        { ["MASTER_DATABASE_URL"] = master, ["SECRET_KEY"] = "0123456789abcdef0123456789abcdef" };
        await using var portal = PortalProcess.Start([], environment);
        await portal.WaitUntilReadyAsync(cancellationToken);
        return (await portal.StopAsync(cancellationToken)).Output;
    }

    [Fact]
    public void ContentRoot_TheOutputFolder_HasTheRootAppsettings()
    {
        // Demo:Days is set only in the appsettings.json at the top of the repository.
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });

        Assert.Equal("30", builder.Configuration["Demo:Days"]);
    }
}
