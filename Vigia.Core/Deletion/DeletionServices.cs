using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Approvals;
using Vigia.Core.Operations;

namespace Vigia.Core.Deletion;

public static class DeletionServices
{
    public static IServiceCollection AddDeletion(this IServiceCollection services)
    {
        services.AddSingleton<TrashSteps>();
        services.AddSingleton<PurgeSteps>();
        services.AddSingleton<RestoreSteps>();
        services.AddSingleton<OperationDefinition, DeleteTenant>();
        services.AddSingleton<OperationDefinition, PurgeTenant>();
        services.AddSingleton<OperationDefinition, RestoreTenant>();
        services.AddSingleton<OperationDefinition>(provider => new EmptyTrash(new Lazy<OperationQueue>(provider.GetRequiredService<OperationQueue>), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new RecurringJob("empty_trash", "7 * * * *", EmptyTrash.KindName));
        services.AddSingleton<OperationDefinition, ExpireApprovals>();
        services.AddSingleton(new RecurringJob("expire_approvals", "*/10 * * * *", ExpireApprovals.KindName));
        services.AddScoped<SecondPerson>();
        services.AddScoped<ApprovalService>();
        services.AddScoped<TenantDeletion>();
        services.AddScoped<TrashService>();
        return services;
    }
}
