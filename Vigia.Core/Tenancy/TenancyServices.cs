using Microsoft.Extensions.DependencyInjection;
namespace Vigia.Core.Tenancy;

public static class TenancyServices
{
    /// <summary>
    /// Adds the catalogue of tenants, what finds the tenant of a request, and sessions in the tenants' databases.
    /// </summary>
    public static IServiceCollection AddTenancy(this IServiceCollection services)
    {
        services.AddSingleton<TenantCatalog>();
        services.AddSingleton<TenantCatalogReader>();
        services.AddSingleton<TenantResolver>();
        services.AddSingleton<TenantSessions>();
        return services.AddHostedService<TenantCatalogWorker>();
    }
}
