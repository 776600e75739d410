using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Operations;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

public static class SchemaUpgradeServices
{
    /// <summary>Registers the services for the schemas of all tenant databases.</summary>
    public static IServiceCollection AddSchemaUpgrades(this IServiceCollection services, InstanceRoles roles)
    {
        services.AddOptions<SchemaOptions>();
        services.AddSingleton<SchemaUpgradeSteps>();
        services.AddSingleton<OperationDefinition, MigrateTenant>();
        services.AddSingleton<OperationDefinition, MigrateTenants>();
        services.AddScoped<SchemaOverview>();
        services.AddScoped<SchemaUpgradeService>();
        return roles.HasFlag(InstanceRoles.Worker) ? services.AddHostedService<MigrateAtStart>() : services;
    }
}
