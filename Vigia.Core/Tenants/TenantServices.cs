using Microsoft.Extensions.DependencyInjection;

namespace Vigia.Core.Tenants;

public static class TenantServices
{
    /// <summary>The registry and what hangs on it.</summary>
    public static IServiceCollection AddTenants(this IServiceCollection services, TenantUrls urls)
    {
        services.AddSingleton(urls);
        return services;
    }
}
