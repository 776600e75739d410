using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Deletion;

/// <summary>A test that moves tenants to the trash.</summary>
public abstract class DeletionTestBase(PostgresServer server) : CoreTestBase(server)
{
    private protected TenantDeletion Deletion => Host.Get<TenantDeletion>();

    private protected TrashService Trash => Host.Get<TrashService>();

    /// <summary>Moves the tenant to the trash; with 0 days, destroys it.</summary>
    protected async Task DeleteAsync(Tenant tenant, int? days = null)
    {
        await NobodyInAsync(tenant);
        var operation = await Host.EndOfAsync(await AskDeletionAsync(tenant, days));
        Assert.True(operation.State == OperationState.Succeeded, $"{operation.State}: {operation.Error}");
    }

    /// <summary>Requests the deletion.</summary>
    /// <returns>The operation's id.</returns>
    protected Task<Guid> AskDeletionAsync(Tenant tenant, int? days = null) =>
        Deletion.DeleteAsync(
            Host.Admin, tenant.Id,
            new DeletionRequest(tenant.Subdomain!, "Fin de contrato", CoreHost.AdminPassword, days),
            Cancellation);
}
