using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;

namespace Vigia.Core.AuditWatch;

public static class AuditWatchServices
{
    /// <summary>
    /// Adds the nightly verification with its export and, in a process that is a worker, the watcher of the head.
    /// </summary>
    public static IServiceCollection AddAuditWatch(this IServiceCollection services, InstanceRoles roles)
    {
        services.AddSingleton<AuditHeadExport>();
        services.AddSingleton<OperationDefinition, VerifyAudit>();
        services.AddSingleton(new HistoryPruning(
            "audit_checks", PruneHistory.Kept, (db, now, most, cancellationToken) => db.Set<AuditCheck>()
                .Where(c => c.At < now - PruneHistory.Kept && !c.IsLast).Take(most)
                .ExecuteDeleteAsync(cancellationToken)));
        services.AddSingleton(new RecurringJob("verify_audit", "10 3 * * *", VerifyAudit.KindName));
        services.AddSingleton<AuditWatcher>();
        return roles.HasFlag(InstanceRoles.Worker)
            ? services.AddHostedService(provider => provider.GetRequiredService<AuditWatcher>()) : services;
    }
}
