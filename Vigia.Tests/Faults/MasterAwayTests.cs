using System.Net;
using System.Net.Http.Headers;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Faults;

/// <summary>The master's server is unreachable while a person opens a page.</summary>
public sealed class MasterAwayTests(PostgresServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_MasterAway_Returns503WithAnExplanation()
    {
        var master = await server.CreateMasterAsync(null, Cancellation);
        await using var proxy = TcpProxy.InFrontOfPostgres(master.Host, master.Port);
        await using var portal = PortalProcess.Start([], new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = master.ToTextWithPassword()
                .Replace($":{master.Port}/", $":{proxy.Port}/", StringComparison.Ordinal),
            ["SAAS_BASE_DOMAIN"] = "vigia.test",
            ["SECRET_KEY"] = CoreHost.Secret,
            ["VIGIA_ROLES"] = "staff",
        });
        await portal.WaitUntilReadyAsync(Cancellation);
        using var http = new HttpClient { BaseAddress = portal.Address };
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        var page = $"{PortalUrls.Invitation}?token={new string('a', 64)}";
        using (var before = await http.GetAsync(page, Cancellation))
        {
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        }

        await proxy.DisposeAsync();

        using var answer = await http.GetAsync(page, Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("La base maestra no responde",
            WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancellation)), StringComparison.Ordinal);
        await portal.KillAsync(Cancellation);
        await server.DropDatabaseAsync(master.Database, Cancellation);
    }
}
