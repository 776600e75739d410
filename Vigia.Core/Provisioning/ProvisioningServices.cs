using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;
using Vigia.Core.Tenancy;

namespace Vigia.Core.Provisioning;

public static class ProvisioningServices
{
    /// <summary>Provisioning and invitations.</summary>
    public static IServiceCollection AddProvisioning(this IServiceCollection services)
    {
        services.AddSingleton<TenantConnections>();
        services.AddSingleton<TemplateDatabase>();
        services.AddSingleton<DatabaseSteps>();
        services.AddSingleton<IsolationSteps>();
        services.AddSingleton<TenantContentSteps>();
        services.AddSingleton<OperationDefinition, ProvisionTenant>();
        services.AddSingleton<OperationDefinition, ApplyLimits>();
        services.AddSingleton<OperationDefinition, MoveFirstAdmin>();
        services.AddScoped<TenantProvisioning>();
        services.AddScoped<TenantInvitations>();
        return services;
    }
}
