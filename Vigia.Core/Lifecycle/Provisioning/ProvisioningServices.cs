using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;

namespace Vigia.Core.Lifecycle.Provisioning;

public static class ProvisioningServices
{
    /// <summary>Registers the services for provisioning and invitations.</summary>
    public static IServiceCollection AddProvisioning(this IServiceCollection services)
    {
        services.AddSingleton<EmptyDatabase>();
        services.AddSingleton<TemplateDatabase>();
        services.AddSingleton<DatabaseSteps>();
        services.AddSingleton<LoginRoleSteps>();
        services.AddSingleton<TenantContentSteps>();
        services.AddSingleton<OperationDefinition, ProvisionTenant>();
        services.AddSingleton<OperationDefinition, MoveFirstAdmin>();
        services.AddScoped<TenantProvisioning>();
        services.AddScoped<TenantInvitations>();
        services.AddSingleton<OperationDefinition, DropOldTemplates>();
        services.AddSingleton(new RecurringJob("drop_old_templates", "50 3 * * *", DropOldTemplates.KindName));
        return services;
    }
}
