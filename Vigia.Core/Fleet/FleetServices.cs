using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Configuration;
using Vigia.Core.Operations;

namespace Vigia.Core.Fleet;

public static class FleetServices
{
    /// <summary>All clients' databases together: their schemas.</summary>
    public static IServiceCollection AddFleet(this IServiceCollection services, PortalRoles roles)
    {
        services.AddOptions<SchemaOptions>();
        services.AddSingleton<SchemaSteps>();
        services.AddSingleton<OperationDefinition, MigrateTenant>();
        services.AddSingleton<OperationDefinition, MigrateTenants>();
        services.AddSingleton<SchemaFleet>();
        services.AddScoped<SchemaUpgrade>();
        return roles.HasFlag(PortalRoles.Worker) ? services.AddHostedService<MigrateAtStart>() : services;
    }
}
