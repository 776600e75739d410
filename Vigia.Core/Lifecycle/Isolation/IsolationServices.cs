using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;

namespace Vigia.Core.Lifecycle.Isolation;

public static class IsolationServices
{
    /// <summary>Registers the proof of isolation: as a step, every night, and on request.</summary>
    public static IServiceCollection AddIsolation(this IServiceCollection services)
    {
        services.AddOptions<IsolationOptions>();
        services.AddSingleton<IsolationProver>();
        services.AddSingleton<ProofRecords>();
        services.AddSingleton<ProofSteps>();
        services.AddSingleton<OperationDefinition, ProveTenant>();
        services.AddSingleton<OperationDefinition, ProveMany>();
        services.AddSingleton(new RecurringJob(ProveMany.JobName, "20 2 * * *", ProveMany.KindName));
        services.AddScoped<IsolationService>();
        services.AddSingleton<ServerInspection>();
        services.AddScoped<ServerPreparation>();
        services.AddSingleton(new HistoryPruning("isolation_proofs", PruneHistory.Kept, ProofRecords.PruneAsync));
        return services;
    }
}
