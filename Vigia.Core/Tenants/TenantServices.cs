using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;
using Vigia.Core.Plans;

namespace Vigia.Core.Tenants;

public static class TenantServices
{
    /// <summary>The registry and what hangs on it.</summary>
    public static IServiceCollection AddTenants(this IServiceCollection services, TenantUrls urls)
    {
        services.AddSingleton(urls);
        services.AddSingleton<PlanCatalog>();
        services.AddSingleton<TenantSearch>();
        services.AddSingleton<RegistryFigures>();
        services.AddSingleton<TenantContents>();
        services.AddScoped<TenantRegistration>();
        services.AddScoped<TenantEditing>();
        services.AddSingleton<TenantToggle>();
        services.AddScoped<TenantRucCorrection>();
        services.AddScoped<TenantExport>();
        services.AddScoped<TenantActivation>();
        services.AddScoped<TenantBulk>();
        foreach (var suspends in new[] { true, false })
        {
            services.AddSingleton<OperationDefinition>(provider => ActivatorUtilities.CreateInstance<ToggleMany>(provider, suspends));
        }

        services.AddSingleton<OperationDefinition, ExpireDemos>();
        services.AddSingleton(new RecurringJob("expire_demos", "2 * * * *", ExpireDemos.KindName));
        return services;
    }
}
