using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Operations;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSide;

/// <summary>
/// Users of tenants sign in through the tenants' API while all sessions of tenants go through a real PgBouncer, which
/// looks up their verifiers with a role of its own.
/// </summary>
public sealed class TenantPooledLoginTests(TenantPooledLoginTests.Pooled host) :
    IClassFixture<TenantPooledLoginTests.Pooled>
{
    /// <summary>A portal whose TENANT_DB_TEMPLATE points to the pooler.</summary>
    public sealed class Pooled(PostgresServer server) : TenantSideHost(server)
    {
        private const string PoolerPassword = "una-clave-del-pooler";
        private readonly string _role = $"pooler_{Guid.NewGuid().ToString("n")[..12]}";
        private PgBouncer? _bouncer;

        public int Port => _bouncer!.Port;

        protected override async Task PrepareAsync()
        {
            var cancellationToken = TestContext.Current.CancellationToken;
            await PostgresServer.ExecuteAsync(
                Postgres.SuperuserUrl("postgres"), $"CREATE ROLE {_role} LOGIN PASSWORD '{PoolerPassword}'",
                cancellationToken);
            _bouncer = await PgBouncer.StartAsync(Postgres, cancellationToken, authRole: (_role, PoolerPassword));
            await base.PrepareAsync();
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("TENANT_DB_TEMPLATE", _bouncer!.Template);
            builder.UseSetting("PGBOUNCER_AUTH_ROLE", _role);
            builder.UseSetting("Isolation:KeepReplacedRoleFor", "00:00:00");
            builder.UseSetting("Isolation:LookAgainAfter", "00:00:00.1");
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await _bouncer!.DisposeAsync();
            await PostgresServer.ExecuteAsync(
                Postgres.SuperuserUrl("postgres"), $"DROP ROLE {_role}", CancellationToken.None);
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Login_ThroughPgBouncer_WorksAlsoAfterARotationAndForEachTenantAlone()
    {
        var (one, other) = (await host.TenantAsync("uno"), await host.TenantAsync("dos"));
        var (rosa, luis) = (await one.AddUserAsync("rosa"), await other.AddUserAsync("luis"));
        await SignsInAsync(one, rosa);
        await SignsInAsync(other, luis);
        using (var stranger = host.Nobody(other.Name))
        {
            (await stranger.LoginAsync(rosa, TenantSideHost.Password)).ExpectProblem(401, "credentials_wrong");
        }

        using var program = await host.AsServiceAccountAsync([ServiceRights.TenantsConnectionRead]);
        var before = (await program.GetAsync($"clientes/{one.Id}/conexion")).Expect(200);
        Assert.Equal(host.Port, before.GetProperty("port").GetInt32());
        await using var scope = host.Scope();
        var rotation = await scope.ServiceProvider.GetRequiredService<CredentialService>().RotateAsync(
            await host.AdministratorAsync(), one.Id, "prueba", Cancellation);
        await host.ReachAsync(rotation, OperationState.Succeeded);

        await SignsInAsync(one, rosa);
        await SignsInAsync(other, luis);
        var after = (await program.GetAsync($"clientes/{one.Id}/conexion")).Expect(200);
        Assert.NotEqual(before.GetProperty("user").GetString(), after.GetProperty("user").GetString());
    }

    private async Task SignsInAsync(TenantWorld tenant, string email)
    {
        using var nobody = host.Nobody(tenant.Name);
        (await nobody.LoginAsync(email, TenantSideHost.Password)).Expect(200);
    }
}
