using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Provisioning;

/// <summary>Provisioning while another database has the name of the tenant's database.</summary>
public sealed class TakenNameTests(PostgresServer server) : CoreTestBase(server)
{
    [Fact]
    public async Task Provision_NameTakenByAForeignDatabase_ConflictsAndCanBeRetried()
    {
        var name = NewName("choque");
        var id = await RegisterAsync(name);
        await Server.CreateDatabaseAsync($"vigia_{name}", null, Cancellation);
        var operation = await Host.EndOfAsync(
            await Host.Get<TenantProvisioning>().ProvisionAsync(Host.Admin, id, Cancellation));

        Assert.Equal(OperationState.Failed, operation.State);
        Assert.Contains(operation.Error!.Code,
            new[] { "database_exists_not_ours", "database_name_taken", "database_not_ours" });
        Assert.Equal(1L, await DatabasesAsync($"vigia_{name}"));
        await Server.DropDatabaseAsync($"vigia_{name}", Cancellation);
        await Host.Get<OperationService>().RetryAsync(Host.Admin, operation.Id, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation.Id)).State);
    }

    [Fact]
    public async Task Provision_Cancelled_LeavesNothing()
    {
        var name = NewName("deshecho");
        var id = await RegisterAsync(name);
        await Server.CreateDatabaseAsync($"vigia_{name}", null, Cancellation);
        var operation = await Host.EndOfAsync(
            await Host.Get<TenantProvisioning>().ProvisionAsync(Host.Admin, id, Cancellation));
        Assert.Equal(OperationState.Failed, operation.State);

        await Host.Get<OperationService>().CancelAsync(Host.Admin, operation.Id, Cancellation);

        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(operation.Id)).State);
        Assert.Equal(TenantState.Registered, (await RowAsync(id)).State);
        await WorldCheck.AssertAgreesAsync(Host);
        Assert.Equal(1L, await DatabasesAsync($"vigia_{name}"));
        await Server.DropDatabaseAsync($"vigia_{name}", Cancellation);
    }

    private Task<long> DatabasesAsync(string name) =>
        Host.ScalarAsync<long>(
        "postgres", $"SELECT count(*) FROM pg_database WHERE datname = {SqlLiteral.Quote(name)}");
}
