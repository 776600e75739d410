using Microsoft.Extensions.DependencyInjection;
namespace Vigia.Core.Tenancy;

public static class TenancyServices
{
    /// <summary>
    /// Adds the catalogue of tenants and what finds the tenant of a request. The portal does not add it yet, because
    /// nothing asks for the tenant of a request before there is an API for tenants.
    /// </summary>
    public static IServiceCollection AddTenancy(this IServiceCollection services)
    {
        services.AddSingleton<TenantCatalog>();
        services.AddSingleton<TenantCatalogReader>();
        services.AddSingleton<TenantResolver>();
        return services.AddHostedService<TenantCatalogWorker>();
    }
}
