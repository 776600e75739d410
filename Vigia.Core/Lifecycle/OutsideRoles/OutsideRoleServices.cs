using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;

namespace Vigia.Core.Lifecycle.OutsideRoles;

public static class OutsideRoleServices
{
    /// <summary>
    /// Registers the access of the product's own back end and of a pooler to the databases of tenants.
    /// </summary>
    public static IServiceCollection AddOutsideRoles(this IServiceCollection services)
    {
        services.AddSingleton<OutsideAccess>();
        services.AddSingleton<OutsideRoleSettings>();
        services.AddSingleton<OperationDefinition, SyncOutsideRoles>();
        return services;
    }
}
