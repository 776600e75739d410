using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Feed;

namespace Vigia.Core.Tenancy;

public static class TenancyServices
{
    /// <summary>
    /// Adds the catalogue of tenants, the services that find the tenant of a request, and sessions in its database.
    /// </summary>
    public static IServiceCollection AddTenancy(this IServiceCollection services, InstanceRoles roles)
    {
        services.AddOptions<TenancyOptions>();
        services.AddSingleton(provider => new TenantCatalog(LegacyTenant.EntryOf(
            provider.GetRequiredService<VigiaSettings>(), provider.GetRequiredService<TimeProvider>())));
        services.AddSingleton<TenantCatalogReader>();
        services.AddSingleton<TenantResolver>();
        services.AddSingleton(provider => new TenantFinder(
            provider.GetRequiredService<TenantCatalog>(), provider.GetRequiredService<TenantCatalogReader>(),
            provider.GetRequiredService<TenantResolver>(), provider.GetRequiredService<MasterNotifications>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider =>
        {
            var gate = new ConnectionGate(provider.GetRequiredService<TimeProvider>());
            if (roles.HasFlag(InstanceRoles.Tenant))
            {
                gate.RequestShare();
            }

            return gate;
        });
        services.AddSingleton<ConnectionShares>();
        services.AddSingleton<TenantDataSources>();
        services.AddSingleton<TenantTroubles>();
        services.AddSingleton(provider => new TenantSessions(
            provider.GetRequiredService<TenantCatalog>(), provider.GetRequiredService<TenantCatalogReader>(),
            provider.GetRequiredService<TenantDataSources>(), provider.GetRequiredService<TenantConnections>(),
            provider.GetRequiredService<TenantTroubles>(), provider.GetRequiredService<TimeProvider>()));

        services.AddSingleton(provider => new ConnectionReport(
            provider.GetRequiredService<ConnectionGate>(), provider.GetRequiredService<TenantDataSources>(),
            provider.GetRequiredService<ConnectionShares>(), provider.GetRequiredService<TenantTroubles>()));

        // Services stop in reverse order: the second one closes the connections while the first keeps the catalogue
        // current.
        services.AddHostedService<TenantCatalogWorker>();
        return services.AddHostedService<ConnectionShareWorker>();
    }
}
