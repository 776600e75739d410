using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Vigia.Core.Postgres;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.TenantSide;

namespace Vigia.Tests.Startup;

/// <summary>The real program with DATABASE_URL alone (docs/rules.md#single-tenant).</summary>
public sealed class LegacyStartTests(PostgresServer server) : IAsyncLifetime
{
    private readonly TestFolder _folder = TestFolder.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_DatabaseUrlAlone_ServesItsUsersAndNeverAltersIt()
    {
        await using var product = await LegacyDatabase.WithNineTablesAsync(server);
        await product.AddUserAsync("rosa");
        var (catalogue, rows) = (await product.CatalogueAsync(), await product.ChecksumsAsync());
        await using (var portal = PortalProcess.Start([], new Dictionary<string, string>
        {
            ["VIGIA_DATA_DIR"] = Path.Combine(_folder.Path, ".vigia"), ["HOME"] = _folder.Path,
            ["DATABASE_URL"] = product.Url.ToTextWithPassword(), ["SECRET_KEY"] = CoreHost.Secret,
        }, _folder.Path))
        {
            await portal.WaitUntilReadyAsync(Cancellation);
            using var nobody = new TenantCalls(portal.Address, null, null);

            var token = TenantWorld.TokenIn((await nobody.LoginAsync("rosa", TenantSideHost.Password)).Expect(200));

            Assert.Equal("legacy", JsonElement.Parse(Encoding.UTF8.GetString(
                Base64UrlEncoder.DecodeBytes(token.Split('.')[1]))).GetProperty("tenant").GetString());
            using var user = new TenantCalls(portal.Address, null, token);
            Assert.Equal("rosa", (await user.GetAsync("auth/me")).Expect(200).GetProperty("username").GetString());
            var stopped = await portal.StopAsync(Cancellation);
            Assert.Contains("the only tenant, legacy", stopped.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(product.Url.Password, stopped.Output + stopped.Error, StringComparison.Ordinal);
        }

        Assert.Equal(rows, await product.ChecksumsAsync());
        Assert.Equal(catalogue, await product.CatalogueAsync());
    }

    /// <summary>With a master, DATABASE_URL means nothing: the product keeps it beside MASTER_DATABASE_URL.</summary>
    [Fact]
    public async Task Run_BothUrls_HasNoOnlyTenant()
    {
        var master = await server.CreateMasterAsync(null, Cancellation);
        await using var portal = PortalProcess.Start([], new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = master.ToTextWithPassword(), ["SECRET_KEY"] = CoreHost.Secret,
            ["DATABASE_URL"] = "postgresql+psycopg2://nobody:x@127.0.0.1:1/",
        });
        await portal.WaitUntilReadyAsync(Cancellation);
        using var nobody = new TenantCalls(portal.Address, null, null);

        (await nobody.LoginAsync("rosa", TenantSideHost.Password)).ExpectProblem(400, "tenant_required");
        (await nobody.LoginAsync("rosa", TenantSideHost.Password, ("X-Tenant", "legacy")))
            .ExpectProblem(404, "tenant_unknown");
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        var programs = await PostgresPrograms.FindAsync(CancellationToken.None);
        await _folder.StopServersAsync(programs[0], ServerUser.Find()!, CancellationToken.None);
        _folder.Dispose();
    }
}
