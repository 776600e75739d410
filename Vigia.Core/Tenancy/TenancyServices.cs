using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Core.Tenancy;

public static class TenancyServices
{
    /// <summary>Adds what finds the tenant of a request.</summary>
    public static IServiceCollection AddTenancy(this IServiceCollection services, InstanceRoles roles)
    {
        services.AddSingleton<TenantCatalog>();
        services.AddSingleton<TenantCatalogReader>();
        services.AddSingleton<TenantResolver>();
        return roles.HasFlag(InstanceRoles.Tenant) ? services.AddHostedService<TenantCatalogWorker>() : services;
    }
}
