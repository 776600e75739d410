using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;
using Vigia.Core.Tenancy;

namespace Vigia.Core.Provisioning;

public static class ProvisioningServices
{
    /// <summary>Provisioning and invitations.</summary>
    /// <param name="services">Where to register.</param>
    /// <param name="template">How tenants' own roles reach their databases (TENANT_DB_TEMPLATE).</param>
    public static IServiceCollection AddProvisioning(this IServiceCollection services, TenantDatabaseTemplate template)
    {
        services.AddSingleton(template);
        services.AddSingleton<TenantConnections>();
        services.AddSingleton<TenantTemplate>();
        services.AddSingleton<DatabaseSteps>();
        services.AddSingleton<IsolationSteps>();
        services.AddSingleton<TenantContentSteps>();
        services.AddSingleton<OperationDefinition, ProvisionTenant>();
        services.AddSingleton<OperationDefinition, ApplyLimits>();
        services.AddScoped<TenantProvisioning>();
        services.AddScoped<TenantInvitations>();
        return services;
    }
}
