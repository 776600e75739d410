using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Plans;

namespace Vigia.Core.Tenants;

public static class TenantServices
{
    /// <summary>Registers the services for the tenants of the registry.</summary>
    public static IServiceCollection AddTenants(this IServiceCollection services)
    {
        services.AddScoped<PlanCatalog>();
        services.AddScoped<TenantFollowUps>();
        services.AddScoped<TenantChanges>();
        services.AddScoped<TenantSearch>();
        services.AddScoped<TenantInactivity>();
        services.AddScoped<RegistryFigures>();
        services.AddScoped<TenantContents>();
        services.AddScoped<TenantRegistration>();
        services.AddScoped<AdoptedRegistration>();
        services.AddScoped<RegistryCorrections>();
        services.AddScoped<TenantEditing>();
        services.AddSingleton<ActivationChange>();
        services.AddScoped<TenantRucCorrection>();
        services.AddScoped<TenantConversion>();
        services.AddScoped<TenantExport>();
        services.AddScoped<TenantActivation>();
        services.AddScoped<TenantBulk>();
        foreach (var suspends in new[] { true, false })
        {
            services.AddSingleton<OperationDefinition>(
                provider => ActivatorUtilities.CreateInstance<ToggleMany>(provider, suspends));
        }

        services.AddSingleton<OperationDefinition, ExpireDemos>();
        services.AddSingleton(new RecurringJob("expire_demos", "2 * * * *", ExpireDemos.KindName));
        return services;
    }
}
