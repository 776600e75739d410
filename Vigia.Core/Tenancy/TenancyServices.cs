using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Vigia.Core.Tenancy;

public static class TenancyServices
{
    /// <summary>
    /// Adds the catalogue of tenants and what finds the tenant of a request. May be called twice.
    /// </summary>
    public static IServiceCollection AddTenancy(this IServiceCollection services)
    {
        services.TryAddSingleton<TenantCatalog>();
        services.TryAddSingleton<TenantCatalogReader>();
        services.TryAddSingleton<TenantResolver>();
        return services.AddHostedService<TenantCatalogWorker>();
    }
}
