using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Operations;

namespace Vigia.Core.Lifecycle.Adoption;

public static class AdoptionServices
{
    /// <summary>Registers the services that adopt databases which the portal did not create.</summary>
    public static IServiceCollection AddAdoption(this IServiceCollection services)
    {
        services.AddSafetySetting<AdoptionOptions>("Adoption:Enabled", adoption => adoption.Enabled);
        services.AddSingleton<AdoptionInspection>();
        services.AddSingleton<AdoptionContent>();
        services.AddSingleton<AdoptionRemoval>();
        services.AddSingleton<AdoptionSteps>();
        services.AddSingleton<OperationDefinition, AdoptTenant>();
        services.AddSingleton<OperationDefinition, UndoAdoption>();
        services.AddSingleton<OperationDefinition, CompleteAdoption>();
        services.AddSingleton<OperationDefinition, AdoptTenants>();
        services.AddScoped<AdoptionService>();
        services.AddScoped<AdoptionFollowUps>();
        services.AddScoped<FleetAdoption>();
        services.AddScoped<FleetList>();
        return services;
    }
}
