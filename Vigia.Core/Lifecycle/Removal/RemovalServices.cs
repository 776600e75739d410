using Microsoft.Extensions.DependencyInjection;

namespace Vigia.Core.Lifecycle.Removal;

public static class RemovalServices
{
    /// <summary>Registers the services that drop databases and roles, for several features.</summary>
    public static IServiceCollection AddRemoval(this IServiceCollection services)
    {
        services.AddSingleton<DatabaseRemoval>();
        services.AddSingleton<RoleRemoval>();
        return services;
    }
}
