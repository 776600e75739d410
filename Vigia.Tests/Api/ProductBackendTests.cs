using System.Globalization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>The program of docs/product.md, in Python with SQLAlchemy, as the product's own back end does it.</summary>
public sealed class ProductBackendTests(ProductBackendTests.Quick host) : IClassFixture<ProductBackendTests.Quick>
{
    /// <summary>A portal that lets a former role log in for one second only.</summary>
    public sealed class Quick(PostgresServer server) : ApiHost(server)
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Isolation:KeepReplacedRoleFor", "00:00:01");
            builder.UseSetting("Isolation:LookAgainAfter", "00:00:00.1");
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Program_CredentialIsRotated_ReadsTheConnectionAgainAndLetsTheRotationEnd()
    {
        var one = await host.ReadyTenantAsync(PortalTenants.NewName("uno"), TenantEnvironments.Production);
        var other = await host.ReadyTenantAsync(PortalTenants.NewName("dos"), TenantEnvironments.Production);
        var account = await host.ServiceAccountAsync([ServiceRights.TenantsConnectionRead]);
        await using var program = PythonProgram.Start(
            "docs/product-backend.py", ("VIGIA_URL", $"{host.Address}"),
            ("VIGIA_TOKEN", account.Token), ("VIGIA_POOL_RECYCLE", "1"));
        var before = await AskAsync(program, one);
        var untouched = await AskAsync(program, other);
        Assert.NotEqual(before, untouched);

        await using var scope = host.Scope();
        var rotation = await scope.ServiceProvider.GetRequiredService<CredentialService>().RotateAsync(
            await host.AdministratorAsync(), one, "prueba", Cancellation);
        var seen = new List<string>();
        await Eventually.HoldsAsync("the rotation ends while the program works", async () =>
        {
            seen.Add(await AskAsync(program, one));
            return await StateAsync(rotation) == OperationState.Succeeded;
        }, Cancellation, TimeSpan.FromSeconds(60));

        var after = await AskAsync(program, one);
        Assert.NotEqual(before, after);
        Assert.Equal(await CurrentAsync(one), after);
        Assert.Equal([before, after], seen.Append(after).Distinct());
        Assert.Equal(untouched, await AskAsync(program, other));
    }

    private static async Task<string> AskAsync(PythonProgram program, int tenant)
    {
        var answer = await program.AskAsync(tenant.ToString(CultureInfo.InvariantCulture), Cancellation);
        Assert.Equal((tenant, 1), (answer.GetProperty("client").GetInt32(), answer.GetProperty("users").GetInt32()));
        return answer.GetProperty("role").GetString()!;
    }

    private async Task<OperationState> StateAsync(Guid id)
    {
        var state = OperationState.Queued;
        await host.InMasterAsync(async db => state = await db.Set<Operation>().Where(o => o.Id == id)
            .Select(o => o.State).SingleAsync(Cancellation));
        return state;
    }

    private async Task<string> CurrentAsync(int tenant)
    {
        var role = "";
        await host.InMasterAsync(async db => role = await db.Set<TenantCredential>()
            .Where(c => c.TenantId == tenant && c.IsCurrent).Select(c => c.RoleName).SingleAsync(Cancellation));
        return role;
    }
}
