using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser;

/// <summary>Adds tenants, and people of support, to a portal for tests that are not about that.</summary>
internal static class PortalTenants
{
    private static int _number = 900;

    /// <summary>Returns a name that no other class of tests has on the shared server.</summary>
    public static string NewName(string stem) => $"{stem}-{Guid.NewGuid().ToString("n")[..6]}";

    public static async Task<(int TenantId, Guid? OperationId)> RegisterAsync(
        this PortalHost host, string subdomain, bool provision = true,
        string environment = TenantEnvironments.Production)
    {
        await using var scope = host.Scope();
        var registered = await scope.ServiceProvider.GetRequiredService<TenantRegistration>()
            .RegisterAsync(await host.AdministratorAsync(), new RegisterTenant
            {
                Ruc = Rucs.Next(Interlocked.Increment(ref _number)),
                Subdomain = subdomain,
                Provision = provision,
                Details = new TenantDetails
                {
                    LegalName = $"Cliente {subdomain}", AccessEmail = $"admin@{subdomain}.pe",
                    Plan = "basico", Environment = environment
                },
            }, TestContext.Current.CancellationToken);
        return (registered.TenantId, registered.OperationId);
    }

    /// <summary>Adds a tenant whose database is ready.</summary>
    public static async Task<int> ReadyTenantAsync(
        this PortalHost host, string subdomain, string environment = TenantEnvironments.Production)
    {
        var (tenant, operation) = await host.RegisterAsync(subdomain, environment: environment);
        await host.ReachAsync(operation!.Value, OperationState.Succeeded);
        return tenant;
    }

    public static async Task<Guid> DeleteAsync(this PortalHost host, int tenantId, string subdomain)
    {
        await using var scope = host.Scope();
        return await scope.ServiceProvider.GetRequiredService<TenantDeletion>().DeleteAsync(
            await host.AdministratorAsync(), tenantId,
            new DeletionRequest(subdomain, "Fin de contrato", PortalHost.AdministratorPassword),
            TestContext.Current.CancellationToken);
    }

    /// <summary>Adds a tenant and moves it to the trash.</summary>
    public static async Task<int> TrashedTenantAsync(
        this PortalHost host, string subdomain, string environment = TenantEnvironments.Production)
    {
        var tenant = await host.ReadyTenantAsync(subdomain, environment);
        await host.ReachAsync(await host.DeleteAsync(tenant, subdomain), OperationState.Succeeded);
        return tenant;
    }

    public static async Task ReachAsync(this PortalHost host, Guid operation, OperationState state)
    {
        var actor = await host.AdministratorAsync();
        await Eventually.HoldsAsync($"the operation is {state}", async () =>
            (await host.Services.GetRequiredService<OperationService>()
                .GetAsync(actor, operation, TestContext.Current.CancellationToken)).State == state,
            TestContext.Current.CancellationToken, TimeSpan.FromSeconds(60));
    }

    public static async Task PauseAsync(this PortalHost host, bool paused) =>
        await host.Services.GetRequiredService<WorkerSwitch>()
            .PauseWorkersAsync(await host.AdministratorAsync(), paused, TestContext.Current.CancellationToken);

    /// <summary>Adds a member of support, who signs in with <see cref="PortalHost.AdministratorPassword"/>.</summary>
    public static async Task<string> SupportAsync(this PortalHost host)
    {
        var email = $"{NewName("saul")}@vigia.example";
        await using var scope = host.Scope();
        await scope.ServiceProvider.GetRequiredService<StaffAccounts>().CreateAsync(
            "Saúl Soporte", email, PortalHost.AdministratorPassword, StaffRoles.Support,
            TestContext.Current.CancellationToken);
        return email;
    }
}
