using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.TenantSide;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSide;

/// <summary>Wrong passwords from one source have to wait, over all tenants and names.</summary>
public sealed class TenantSourceTests(TenantSourceTests.Strict host) : IClassFixture<TenantSourceTests.Strict>
{
    [Fact]
    public async Task Source_AfterItsFreeTries_WaitsWithEveryNameOfEveryTenant()
    {
        var (one, other) = (await host.TenantAsync("uno"), await host.TenantAsync("dos"));
        await one.AddUserAsync("rosa");
        using var first = host.Nobody(one.Name);
        using var second = host.Nobody(other.Name);
        (await first.LoginAsync("rosa", TenantSideHost.Password)).Expect(200);

        (await first.LoginAsync("rosa", "no-es")).ExpectProblem(401, "credentials_wrong");
        (await first.LoginAsync("nadie", "no-es")).ExpectProblem(401, "credentials_wrong");
        (await second.LoginAsync("nadie", "no-es")).ExpectProblem(401, "credentials_wrong");

        foreach (var (calls, name) in new[] { (first, "rosa"), (first, "otra"), (second, "nadie") })
        {
            var refused = await calls.LoginAsync(name, TenantSideHost.Password);
            refused.ExpectProblem(429, "too_many_requests");
            Assert.NotNull(refused.Headers.RetryAfter);
        }
    }

    /// <summary>A site of IPv6 has 65,536 networks, and could write a row for each name and try.</summary>
    [Fact]
    public async Task Site_AfterTheFreeTriesOfTenSources_WaitsFromEveryNetwork()
    {
        var tenant = await host.TenantAsync("sitio");
        await using var scope = host.Scope();
        var signIn = scope.ServiceProvider.GetRequiredService<TenantSignIn>();
        Task<TenantSignedIn?> TryAsync(string address, int number) => signIn.SignInAsync(
            tenant.Entry, $"nadie{number}", "no-es", new SignInOrigin(address, null), null,
            TestContext.Current.CancellationToken);

        for (var i = 0; i < 30; i++)
        {
            Assert.Null(await TryAsync($"2001:db8:7:{i:x}::1", i));
        }

        await Assert.ThrowsAsync<TooManyTriesException>(() => TryAsync("2001:db8:7:ffff::1", 30));
        Assert.Null(await TryAsync("2001:db8:8::1", 31));
    }

    /// <summary>A portal with three free tries for each source.</summary>
    public sealed class Strict(PostgresServer server) : TenantSideHost(server)
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("TenantSide:FailedSignInsPerAddress", "3");
        }
    }
}
