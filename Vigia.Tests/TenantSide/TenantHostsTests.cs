using System.Globalization;
using Microsoft.AspNetCore.Hosting;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSide;

/// <summary>With PORTAL_BASE_URL, staff and tenants have hosts of their own.</summary>
public sealed class TenantHostsTests(TenantHostsTests.Apart host) : IClassFixture<TenantHostsTests.Apart>
{
    [Fact]
    public async Task TenantApi_OnEveryHostButThatOfStaff_Answers()
    {
        var tenant = await host.TenantAsync("aparte");
        await tenant.AddUserAsync("rosa");
        using var nobody = host.Nobody(tenant.Name);

        (await nobody.LoginAsync("rosa", TenantSideHost.Password, ("Host", "api.vigia.example"))).Expect(200);
        (await nobody.LoginAsync("rosa", TenantSideHost.Password,
            ("Host", $"{tenant.Name}.{TenantSideHost.Domain}"))).Expect(200);
        (await nobody.LoginAsync("rosa", TenantSideHost.Password, ("Host", Apart.Staff)))
            .ExpectProblem(404, "not_found");
        Assert.Equal(404, (await nobody.GetAsync("/invitacion", ("Host", Apart.Staff))).Status);
    }

    [Theory]
    [InlineData("/", 404)]
    [InlineData("/clientes", 404)]
    [InlineData("/cuenta/entrar", 404)]
    [InlineData("/cuenta/invitacion", 404)]
    [InlineData("/api/v1/admin/clientes", 404)]
    [InlineData("/api/docs", 404)]
    [InlineData("/openapi/v1.json", 404)]
    [InlineData("/_blazor/negotiate", 404)]
    [InlineData("/_framework/blazor.web.js", 404)]
    [InlineData("/_content/MudBlazor/MudBlazor.min.js", 404)]
    [InlineData("/css/account.css", 200)]
    [InlineData("/js/portal.js", 200)]
    [InlineData("/openapi/tenant-v1.json", 200)]
    [InlineData("/health/ready", 200)]
    public async Task Path_OnATenantsHost_IsOfTheTenantSideOnly(string path, int status)
    {
        using var nobody = host.Nobody();

        Assert.Equal(status, (await nobody.GetAsync(path, ("Host", "aparte.localhost"))).Status);
    }

    [Fact]
    public async Task StaffApi_OnItsHost_Answers()
    {
        using var staff = await host.AsAdministratorAsync();

        (await staff.SendAsync(HttpMethod.Get, "clientes", null, ("Host", Apart.Staff))).Expect(200);
        (await staff.SendAsync(HttpMethod.Get, "clientes", null, ("Host", $"{Apart.Staff}.:443"))).Expect(200);
    }

    /// <summary>No host, however odd, may be an error of the portal.</summary>
    [Theory]
    [InlineData("xn--0.localhost")]
    [InlineData("xn--99999999.localhost")]
    [InlineData("xn--a-.localhost")]
    [InlineData("-.localhost")]
    [InlineData("a..localhost")]
    [InlineData("[::1]")]
    [InlineData("a:99999")]
    public async Task Host_OfAnyForm_IsAnErrorOfTheCaller(string name)
    {
        using var nobody = host.Nobody();

        Assert.InRange((await nobody.LoginAsync("a", "b", ("Host", name))).Status, 400, 499);
        var page = await nobody.GetAsync("/invitacion", ("Host", name), ("Accept", "text/html"));
        Assert.InRange(page.Status, 400, 499);
    }

    /// <summary>A portal whose staff have a host of their own.</summary>
    public sealed class Apart(PostgresServer server) : TenantSideHost(server)
    {
        private const string Typed = "pórtal.vigia.example";

        /// <summary>The host of staff as browsers send it.</summary>
        public static readonly string Staff = new IdnMapping().GetAscii(Typed);

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("PORTAL_BASE_URL", $"https://{Typed}.");
        }
    }
}

/// <summary>An instance that serves the tenants' API and nothing else (VIGIA_ROLES).</summary>
public sealed class TenantOnlyTests(TenantSideHost staff, PostgresServer server)
    : IClassFixture<TenantSideHost>, IAsyncLifetime
{
    private readonly Alone _alone = new(server, staff);

    public ValueTask InitializeAsync() => _alone.InitializeAsync();

    public ValueTask DisposeAsync() => _alone.DisposeAsync();

    [Fact]
    public async Task Instance_WithTheTenantRoleOnly_SignsInAndHasNothingOfStaff()
    {
        var tenant = await staff.TenantAsync("solo");
        await tenant.AddUserAsync("rosa");
        await _alone.HoldsAsync(tenant.Name, entry => entry?.RefusalNow(TimeProvider.System) == 0);
        using var nobody = _alone.Nobody(tenant.Name);

        var token = TenantWorld.TokenIn((await nobody.LoginAsync("rosa", TenantSideHost.Password)).Expect(200));
        using var here = new TenantCalls(_alone.Address, null, token);
        (await here.GetAsync("auth/me")).Expect(200);
        Assert.Equal(200, (await here.SendAsync(HttpMethod.Head, "auth/me", null)).Status);

        // The other instance takes the token too.
        using var there = new TenantCalls(staff.Address, null, token);
        (await there.GetAsync("auth/me")).Expect(200);
        foreach (var path in new[] { "/", "/clientes", "/cuenta/entrar", "/api/v1/admin/clientes", "/openapi/v1.json" })
        {
            Assert.Equal(404, (await nobody.GetAsync(path)).Status);
        }

        Assert.Equal(200, (await nobody.GetAsync("/css/account.css")).Status);
        Assert.Equal(410, (await nobody.GetAsync(
            "/invitacion?token=x", ("Host", $"{tenant.Name}.{TenantSideHost.Domain}"))).Status);
    }

    /// <summary>A second instance on the same master.</summary>
    private sealed class Alone(PostgresServer server, TenantSideHost other) : TenantSideHost(server)
    {
        protected override Task CreateMasterAsync(string name, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("MASTER_DATABASE_URL", other.Master.ToTextWithPassword());
            builder.UseSetting("VIGIA_ROLES", "tenant");
        }
    }
}
