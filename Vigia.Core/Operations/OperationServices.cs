using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Registry.Mail;

namespace Vigia.Core.Operations;

public static class OperationServices
{
    /// <summary>
    /// Adds the operations engine: the queue, the claims, and the service for staff. <see cref="AddOperationWorkers"/>
    /// starts the workers.
    /// </summary>
    public static IServiceCollection AddOperations(this IServiceCollection services)
    {
        services.AddOptions<OperationOptions>();
        services.AddSingleton<OperationCatalog>();
        services.AddSingleton<OperationQueue>();
        services.AddSingleton<OperationClaims>();
        services.AddSingleton<OperationFence>();
        services.AddSingleton<OperationProgress>();
        services.AddSingleton<ClaimedRows>();
        services.AddSingleton<OperationEndings>();
        services.AddSingleton<OperationSessions>();
        services.AddSingleton<OperationContexts>();
        services.AddSingleton<StepRunner>();
        services.AddSingleton<OperationRunner>();
        services.AddSingleton<FailurePolicy>();
        services.AddScoped<OperationService>();
        services.AddScoped<OperationResults>();
        services.AddScoped<WorkerSwitch>();
        services.AddScoped<TenantRequests>();
        services.AddSingleton<OperationDefinition, PruneHistory>();
        services.AddSingleton(
            new HistoryPruning("operation_steps", PruneHistory.Kept, PruneHistory.PruneStepsAsync));
        services.AddSingleton(
            new HistoryPruning("operation_items", PruneHistory.Kept, PruneHistory.PruneItemsAsync));
        services.AddSingleton(new HistoryPruning("operations", PruneHistory.Kept, PruneHistory.PruneRoutineAsync));
        services.AddSingleton(new HistoryPruning(
            "outbox_messages", PruneHistory.Kept, (db, now, most, cancellationToken) =>
                db.Set<OutboxMessage>().Where(m => m.CreatedAt < now - PruneHistory.Kept
                    && (m.State != OutboxState.Pending || m.ExpiresAt < now - PruneHistory.Kept)).Take(most)
                    .ExecuteDeleteAsync(cancellationToken)));
        services.AddSingleton(new RecurringJob("prune_history", "40 3 * * *", PruneHistory.KindName));
        return services;
    }

    /// <summary>
    /// Makes this instance run operations and queue recurring jobs (role <c>worker</c> of VIGIA_ROLES).
    /// </summary>
    public static IServiceCollection AddOperationWorkers(this IServiceCollection services)
    {
        services.AddHostedService<OperationWorker>();
        services.AddSingleton<RecurringJobs>();
        services.AddHostedService(provider => provider.GetRequiredService<RecurringJobs>());
        return services;
    }
}
