using Npgsql;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Provisioning;

public sealed class ProvisionTenantTests(PostgresServer server)
{
    [Fact]
    public async Task Provision_RegisteredTenant_EndsReadyAndItsRoleReadsItsTables()
    {
        await using var host = await CoreHost.StartAsync(server);

        var tenant = await host.ProvisionedTenantAsync("acme-pharma");

        Assert.Equal(TenantState.Ready, tenant.State);
        Assert.True(tenant.IsActive);
        await using var session = await host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("SELECT string_agg(email, ',') FROM users", session);
        Assert.Equal("admin@acme-pharma.pe", await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Provision_TwoTenants_NeitherRoleOpensTheOthersDatabase()
    {
        await using var host = await CoreHost.StartAsync(server);
        var one = await host.ProvisionedTenantAsync("uno");
        var two = await host.ProvisionedTenantAsync("dos");

        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            host.Get<TenantConnections>().OpenAsync(one.Id, two.DatabaseName!, TestContext.Current.CancellationToken));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }
}
