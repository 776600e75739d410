using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Operations;
using Vigia.Tests.Browser;

namespace Vigia.Tests.TenantSide;

/// <summary>What programs and browsers get that still use the name of before a rename.</summary>
public sealed class TenantRenamedTests(TenantSideHost host) : IClassFixture<TenantSideHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_WithTheFormerName_IsGoneAndTellsOnlyATokenTheNewOne()
    {
        var tenant = await host.TenantAsync("antes");
        using var user = await tenant.SignedInAsync("rosa");
        var name = await RenameAsync(tenant);
        using var nobody = host.Nobody(tenant.Name);

        var refused = await nobody.LoginAsync("rosa", TenantSideHost.Password);
        refused.ExpectProblem(410, "tenant_renamed");
        Assert.DoesNotContain(name, refused.Text, StringComparison.Ordinal);
        var told = (await user.GetAsync("auth/me")).ExpectProblem(410, "tenant_renamed");
        Assert.Equal(name, told.GetProperty("fields").GetProperty("subdominio").GetString());
    }

    [Fact]
    public async Task Login_AtTheNewNameWithTheTokenOfBefore_Works()
    {
        var tenant = await host.TenantAsync("sigue");
        using var user = await tenant.SignedInAsync("rosa");
        var name = await RenameAsync(tenant);

        var answer = await user.LoginAsync("rosa", TenantSideHost.Password, ("X-Tenant", name));

        using var again = new TenantCalls(host.Address, null, TenantWorld.TokenIn(answer.Expect(200)));
        (await again.GetAsync("auth/me")).Expect(200);
    }

    [Fact]
    public async Task Invitation_MailedBeforeTheRename_LeadsToTheNewAddress()
    {
        var tenant = await host.TenantAsync("invita");
        var token = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        var name = await RenameAsync(tenant);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = host.Address,
        };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/invitacion?token={token}");
        request.Headers.Host = $"{tenant.Name}.{TenantSideHost.Domain}";

        using var answer = await http.SendAsync(request, Cancellation);

        Assert.Equal(302, (int)answer.StatusCode);
        Assert.Equal($"https://{name}.{TenantSideHost.Domain}/invitacion?token={token}", $"{answer.Headers.Location}");
    }

    private async Task<string> RenameAsync(TenantWorld tenant)
    {
        var name = PortalTenants.NewName("ahora");
        await using var scope = host.Services.CreateAsyncScope();
        var operation = await scope.ServiceProvider.GetRequiredService<TenantRenaming>()
            .RenameAsync(Actor.System, tenant.Id, name, "La empresa cambió de nombre", Cancellation);
        await host.ReachAsync(operation, OperationState.Succeeded);
        await host.HoldsAsync(name, entry => entry?.Id == tenant.Id);
        return name;
    }
}
