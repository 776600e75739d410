using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Core.Tenants;
using Vigia.Core.TenantSide;
using Vigia.Portal.Api.TenantSide;
using Vigia.Tests.Api;
using Vigia.Tests.Browser;

namespace Vigia.Tests.TenantSide;

/// <summary>
/// Finding the tenant of a call, and the answer when there is none (docs/rules.md#tenant-resolution).
/// </summary>
public sealed class TenantGateTests(TenantSideHost host) : IClassFixture<TenantSideHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_TenantByHeaderTokenOrHost_ReachesItsDatabase()
    {
        var (one, other) = (await host.TenantAsync("uno"), await host.TenantAsync("dos"));
        using var user = await one.SignedInAsync("rosa");
        await other.AddUserAsync("rosa");
        using var nobody = host.Nobody();

        var own = (await user.GetAsync("tenant")).Expect(200);
        Assert.Equal(one.Name, own.GetProperty("subdominio").GetString());
        (await user.GetAsync("tenant", ("X-Tenant", one.Name))).Expect(200);
        (await user.GetAsync("tenant", ("X-Tenant", one.Name.ToUpperInvariant()))).Expect(200);
        (await user.GetAsync("tenant", ("Host", $"{one.Name}.{TenantSideHost.Domain}"))).Expect(200);
        var byHost = await nobody.LoginAsync(
            "rosa", TenantSideHost.Password, ("Host", $"{other.Name}.{TenantSideHost.Domain}"));
        Assert.Equal($"rosa@{other.Name}.pe",
            byHost.Expect(200).GetProperty("user").GetProperty("email").GetString());
    }

    [Fact]
    public async Task Call_HeaderTokenAndHostDisagree_IsRefused()
    {
        var (one, other) = (await host.TenantAsync("uno"), await host.TenantAsync("dos"));
        using var user = await one.SignedInAsync("rosa");
        await other.AddUserAsync("rosa");

        foreach (var header in new[]
        {
            ("X-Tenant", other.Name), ("X-Tenant", "nadie-aqui"),
            ("Host", $"{other.Name}.{TenantSideHost.Domain}"), ("Host", $"nadie-aqui.{TenantSideHost.Domain}"),
        })
        {
            (await user.GetAsync("auth/me", header)).ExpectProblem(403, "tenant_mismatch");
        }

        // At a sign-in a valid token names a tenant, too; an invalid one is ignored.
        (await user.LoginAsync("rosa", TenantSideHost.Password, ("X-Tenant", other.Name)))
            .ExpectProblem(403, "tenant_mismatch");
        using var stale = new TenantCalls(host.Address, other.Name, user.Token![..^4] + "AAAA");
        (await stale.LoginAsync("rosa", TenantSideHost.Password)).Expect(200);
    }

    [Fact]
    public async Task Login_WithoutATenantOrAnUnknownOne_SaysSo()
    {
        using var nobody = host.Nobody();

        (await nobody.LoginAsync("a", "b")).ExpectProblem(400, "tenant_required");
        (await nobody.LoginAsync("a", "b", ("X-Tenant", ""))).ExpectProblem(400, "tenant_header_invalid");
        (await nobody.LoginAsync("a", "b", ("X-Tenant", "a b"))).ExpectProblem(400, "tenant_header_invalid");
        (await nobody.LoginAsync("a", "b", ("X-Tenant", "uno"), ("X-Tenant", "dos")))
            .ExpectProblem(400, "tenant_header_invalid");
        (await nobody.LoginAsync("a", "b", ("X-Tenant", "nadie-aqui"))).ExpectProblem(404, "tenant_unknown");
        (await nobody.LoginAsync("a", "b", ("Host", $"nadie-aqui.{TenantSideHost.Domain}")))
            .ExpectProblem(404, "tenant_unknown");
        (await nobody.GetAsync("auth/me")).ExpectProblem(401, "not_authenticated");
        (await nobody.GetAsync("no-such-call")).ExpectProblem(404, "not_found");
        (await nobody.SendAsync(HttpMethod.Delete, "users", null)).ExpectProblem(405, "method_not_allowed");
    }

    [Fact]
    public async Task Tenant_NotReadyOrWithoutItsDatabase_IsAnOutageOfThatTenantOnly()
    {
        var (bystander, gone) = (await host.TenantAsync("otro"), await host.TenantAsync("perdida"));
        using var user = await gone.SignedInAsync("rosa");
        using var unaffected = await bystander.SignedInAsync("rosa");
        var name = PortalTenants.NewName("nueva");
        await host.RegisterAsync(name, provision: false);
        await host.HoldsAsync(name, entry => entry is not null);
        using var nobody = host.Nobody();

        (await nobody.LoginAsync("a", "b", ("X-Tenant", name))).ExpectProblem(503, "tenant_not_ready");
        await gone.WriteMasterAsync($"DROP DATABASE \"vigia_{gone.Name}\" WITH (FORCE)");

        // An observation while the drop runs sees a refusal.
        await Infrastructure.Eventually.HoldsAsync("the database is missing", async () =>
        {
            var refused = await user.GetAsync("auth/me");
            Assert.Equal(503, refused.Status);
            Assert.DoesNotContain("vigia_", refused.Text, StringComparison.Ordinal);
            Assert.NotNull(refused.Headers.RetryAfter);
            return refused.Code == "database_missing";
        }, Cancellation);
        (await unaffected.GetAsync("auth/me")).Expect(200);
    }

    [Fact]
    public async Task Suspension_EndsSignInAndTokens_AlsoAfterReactivation()
    {
        var tenant = await host.TenantAsync("suspendida");
        using var user = await tenant.SignedInAsync("rosa");
        using var nobody = host.Nobody(tenant.Name);
        (await user.GetAsync("auth/me")).Expect(200);

        await using (var scope = host.Scope())
        {
            await scope.ServiceProvider.GetRequiredService<TenantActivation>()
                .SuspendAsync(await host.AdministratorAsync(), tenant.Id, "seguridad", null, Cancellation);
        }

        await host.HoldsAsync(tenant.Name, entry => entry is { IsActive: false });
        (await user.GetAsync("auth/me")).ExpectProblem(403, "tenant_inactive");
        (await nobody.LoginAsync("rosa", TenantSideHost.Password)).ExpectProblem(403, "tenant_inactive");

        await using (var scope = host.Scope())
        {
            await scope.ServiceProvider.GetRequiredService<TenantActivation>()
                .ReactivateAsync(await host.AdministratorAsync(), tenant.Id, Cancellation);
        }

        await host.HoldsAsync(tenant.Name, entry => entry is { IsActive: true });
        (await user.GetAsync("auth/me")).ExpectProblem(401, "not_authenticated");

        // A token of the same second is a new one.
        var again = (await nobody.LoginAsync("rosa", TenantSideHost.Password)).Expect(200);
        using var fresh = new TenantCalls(host.Address, null, TenantWorld.TokenIn(again));
        (await fresh.GetAsync("auth/me")).Expect(200);
    }

    /// <summary>The product and psql write the registry without asking the portal.</summary>
    [Theory]
    [InlineData("is_active = false", "is_active = true")]
    [InlineData("subdominio = subdominio || '-b'", "subdominio = left(subdominio, -2)")]
    public async Task Tokens_TenantClosedOrRenamedByPsql_StayEndedAfterwards(string change, string back)
    {
        var tenant = await host.TenantAsync("externa");
        using var user = await tenant.SignedInAsync("rosa");
        (await user.GetAsync("auth/me")).Expect(200);
        var before = tenant.Entry.TokensValidAfter!.Value;

        await tenant.WriteMasterAsync($"UPDATE clientes_saas SET {change} WHERE id = {tenant.Id}");
        await tenant.WriteMasterAsync($"UPDATE clientes_saas SET {back} WHERE id = {tenant.Id}");

        await host.HoldsAsync(tenant.Name, entry => entry is { IsActive: true } && entry.TokensValidAfter > before);
        (await user.GetAsync("auth/me")).ExpectProblem(401, "not_authenticated");
    }

    /// <summary>
    /// A sign-in that began before the tenant was closed may end a moment after it. Its token must not work once the
    /// tenant is open again.
    /// </summary>
    [Theory]
    [InlineData("is_active = false", "is_active = true")]
    [InlineData("expires_at = now() - interval '1 hour'", "expires_at = NULL")]
    [InlineData("expires_at = now() - interval '1 hour'", "expires_at = now() + interval '1 hour'")]
    public async Task Token_IssuedWhileTheTenantIsClosed_DoesNotWorkWhenItIsOpenedAgain(string change, string back)
    {
        var tenant = await host.TenantAsync("abre");
        using var user = await tenant.SignedInAsync("rosa");
        var id = (await user.GetAsync("auth/me")).Expect(200).GetProperty("id").GetInt32();
        var before = tenant.Entry.TokensValidAfter;

        await tenant.WriteMasterAsync($"UPDATE clientes_saas SET {change} WHERE id = {tenant.Id}");
        await host.HoldsAsync(tenant.Name, entry => entry?.RefusalNow(TimeProvider.System) == TenantRefusal.Inactive);
        using var late = new TenantCalls(host.Address, null, await host.Services.GetRequiredService<TenantTokens>()
            .IssueAsync(tenant.Entry, new TenantAccount
            {
                Id = id, Username = null, Email = "rosa", IsActive = true, Roles = ["admin"],
            }, null, Cancellation));
        (await late.GetAsync("auth/me")).ExpectProblem(403, "tenant_inactive");
        await tenant.WriteMasterAsync($"UPDATE clientes_saas SET {back} WHERE id = {tenant.Id}");

        await host.HoldsAsync(tenant.Name, entry => entry?.RefusalNow(TimeProvider.System) == TenantRefusal.None
            && entry.TokensValidAfter > before);
        (await late.GetAsync("auth/me")).ExpectProblem(401, "not_authenticated");
        (await user.GetAsync("auth/me")).ExpectProblem(401, "not_authenticated");
    }

    [Fact]
    public async Task Login_WithATokenThatAnotherTenantsSuspensionEnded_Works()
    {
        var (ended, other) = (await host.TenantAsync("acabada"), await host.TenantAsync("viva"));
        using var user = await ended.SignedInAsync("rosa");
        await other.AddUserAsync("rosa");
        var before = ended.Entry.TokensValidAfter;
        await ended.WriteMasterAsync($"UPDATE clientes_saas SET is_active = false WHERE id = {ended.Id}");
        await host.HoldsAsync(ended.Name, entry => entry?.TokensValidAfter > before);

        (await user.LoginAsync("rosa", TenantSideHost.Password, ("X-Tenant", other.Name))).Expect(200);
        (await user.LoginAsync("rosa", TenantSideHost.Password)).ExpectProblem(400, "tenant_required");
    }

    [Fact]
    public async Task Token_OfADeletedTenant_DoesNotWorkForTheNextOfTheName()
    {
        var name = PortalTenants.NewName("mismo");
        var first = await host.ReadyTenantAsync(name, TenantEnvironments.Demo);
        await host.HoldsAsync(name, entry => entry?.Id == first && entry.RefusalNow(TimeProvider.System) == 0);
        var old = new TenantWorld(host, first, name);
        using var user = await old.SignedInAsync("rosa");
        (await user.GetAsync("auth/me")).Expect(200);

        await host.ReachAsync(await host.DeleteAsync(first, name), Core.Operations.OperationState.Succeeded);
        await host.HoldsAsync(name, entry => entry is null);
        (await user.GetAsync("auth/me")).ExpectProblem(404, "tenant_unknown");

        var second = await host.ReadyTenantAsync(name, TenantEnvironments.Demo);
        await host.HoldsAsync(name, entry => entry?.Id == second && entry.RefusalNow(TimeProvider.System) == 0);
        await new TenantWorld(host, second, name).AddUserAsync("rosa");
        (await user.GetAsync("auth/me")).ExpectProblem(401, "not_authenticated");
    }

    [Fact]
    public async Task Tenant_RegisteredByTheProduct_AcceptsNoEarlierToken()
    {
        var (name, before) = (PortalTenants.NewName("producto"), DateTimeOffset.UtcNow.AddMinutes(-1));
        await Infrastructure.PostgresServer.ExecuteAsync(
            host.Postgres.SuperuserUrl(host.Master.Database),
            $"""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, plan, entorno, is_active)
            VALUES ('20987654321', 'Del producto S.A.C.', '{name}', 'a@producto.pe', 'basico', 'demo', true)
            """, Cancellation);

        await host.HoldsAsync(name, entry => entry?.TokensValidAfter > before);
    }

    /// <summary>A call that the gate does not know would have no tenant.</summary>
    [Fact]
    public void Calls_AllOfThem_SayWhetherTheyNeedAToken()
    {
        var calls = ApiCall.OfTenants(host.Services);

        Assert.Equal(["acceptInvitation", "login"], calls.Where(c => !c.Said<TenantCall>()!.NeedsToken)
            .Select(c => c.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
        [
            ("createComprobante", "comprobantes:create"), ("createEstablecimiento", "establecimientos:create"),
            ("createUser", "usuarios:create"), ("listComprobantes", "comprobantes:list"),
            ("listEstablecimientos", "establecimientos:list"), ("listUsers", "usuarios:list"),
        ], calls.Where(c => c.Said<TenantCall>()!.Permission is not null)
            .Select(c => (c.Name, c.Said<TenantCall>()!.Permission!)).OrderBy(c => c.Name, StringComparer.Ordinal));
        Assert.Equal(10, calls.Count);
    }
}
