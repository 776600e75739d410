using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Databases;
using Vigia.Core.Feed;

namespace Vigia.Core.Operations;

public static class OperationServices
{
    /// <summary>The operations engine: queue, feed and what staff do with operations. Workers are started by <see cref="AddOperationWorkers"/>.</summary>
    public static IServiceCollection AddOperations(this IServiceCollection services)
    {
        services.AddOptions<OperationOptions>();
        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<MasterNotifications>();
        services.AddHostedService(provider => provider.GetRequiredService<MasterNotifications>());
        services.AddSingleton<OperationCatalog>();
        services.AddSingleton<OperationQueue>();
        services.AddSingleton<OperationClaims>();
        services.AddSingleton<OperationFence>();
        services.AddSingleton<OperationProgress>();
        services.AddSingleton<OperationEndings>();
        services.AddSingleton<OperationRunner>();
        services.AddSingleton<FailurePolicy>();
        services.AddSingleton<ServerConnections>();
        services.AddSingleton<OperationService>();
        services.AddSingleton<OperationDefinition, PruneHistory>();
        services.AddSingleton(new RecurringJob("prune_history", "40 3 * * *", PruneHistory.KindName));
        return services;
    }

    /// <summary>This instance works on operations and enqueues recurring work (role <c>worker</c> of VIGIA_ROLES).</summary>
    public static IServiceCollection AddOperationWorkers(this IServiceCollection services)
    {
        services.AddHostedService<OperationWorker>();
        services.AddSingleton<RecurringJobs>();
        services.AddHostedService(provider => provider.GetRequiredService<RecurringJobs>());
        return services;
    }
}
