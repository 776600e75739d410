using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Operations;
using Vigia.Core.Staff.Decisions;

namespace Vigia.Core.Lifecycle.Deletion;

public static class DeletionServices
{
    public static IServiceCollection AddDeletion(this IServiceCollection services)
    {
        services.AddSafetySetting<TrashOptions>("Trash:RetentionDays", trash => trash.RetentionDays);
        services.AddSingleton<Holders>();
        services.AddSingleton<DatabaseClosing>();
        services.AddSingleton<TrashSteps>();
        services.AddSingleton<PurgeSteps>();
        services.AddSingleton<RestoredDatabase>();
        services.AddSingleton<RestoreSteps>();
        services.AddSingleton<RestoreChecks>();
        services.AddSingleton<RestoreReturn>();
        services.AddSingleton<OperationDefinition, DeleteTenant>();
        services.AddSingleton<OperationDefinition, PurgeTenant>();
        services.AddSingleton<OperationDefinition, RestoreTenant>();
        services.AddSingleton<OperationDefinition, EmptyTrash>();
        services.AddSingleton(new RecurringJob("empty_trash", "7 * * * *", EmptyTrash.KindName));
        services.AddScoped<SecondPersonRule>();
        services.AddScoped<OperationApproval, DeletionApproval>();
        services.AddScoped<TenantDeletion>();
        services.AddScoped<TrashService>();
        return services;
    }
}
