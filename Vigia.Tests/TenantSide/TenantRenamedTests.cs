using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Operations;
using Vigia.Core.TenantSide;
using Vigia.Tests.Browser;

namespace Vigia.Tests.TenantSide;

/// <summary>The answers to programs and browsers that still use a tenant's former name.</summary>
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

    /// <summary>Another tenant had the name earlier, and its users' tokens still exist.</summary>
    [Fact]
    public async Task Call_WithATokenFromBeforeTheTenantWasRegistered_IsNotToldTheNewName()
    {
        var tenant = await host.TenantAsync("heredado");
        var earlier = new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(-1));
        var token = await new TenantTokens(new VigiaSettings { SecretKey = TenantSideHost.Secret }, earlier)
            .IssueAsync(tenant.Entry, new TenantAccount
            {
                Id = 1, Username = null, Email = "rosa", IsActive = true, Roles = ["admin"],
            }, null, Cancellation);
        var name = await RenameAsync(tenant);
        using var stranger = new TenantCalls(host.Address, null, token);

        var refused = await stranger.GetAsync("auth/me");

        refused.ExpectProblem(410, "tenant_renamed");
        Assert.DoesNotContain(name, refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_AtTheNewNameWithAnEarlierToken_Works()
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

    [Fact]
    public async Task Page_OfTheFormerHost_LeadsToTheSamePageOfTheNewOne()
    {
        var tenant = await host.TenantAsync("vieja");
        var name = await RenameAsync(tenant);
        using var nobody = host.Nobody();
        var former = ("Host", $"{tenant.Name}.{TenantSideHost.Domain}");
        var browser = ("Accept", "text/html,application/xhtml+xml;q=0.9");

        var page = await nobody.GetAsync("/casos/7?x=1&y=%C3%B1", former, browser);

        Assert.Equal((302, $"https://{name}.{TenantSideHost.Domain}/casos/7?x=1&y=%C3%B1"),
            (page.Status, page.Headers.Location?.OriginalString));
        Assert.True(page.Headers.CacheControl!.NoStore);
        foreach (var other in new[]
        {
            await nobody.GetAsync("auth/me", former, browser), await nobody.GetAsync("/casos/7", former),
            await nobody.LoginAsync("rosa", "x", former, browser),
            await nobody.GetAsync("/casos/7", ("Host", $"{name}.{TenantSideHost.Domain}"), browser),
        })
        {
            Assert.False(other.Headers.Location?.OriginalString.StartsWith(
                $"https://{name}.", StringComparison.Ordinal) == true);
        }
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
