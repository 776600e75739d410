using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Renaming;

public static class RenamingServices
{
    /// <summary>Registers the services that rename tenants.</summary>
    public static IServiceCollection AddRenaming(this IServiceCollection services)
    {
        services.AddSingleton<RenameSteps>();
        services.AddSingleton<OperationDefinition, RenameTenant>();
        services.AddScoped<TenantRenaming>();
        services.AddSingleton(new HistoryPruning("tenant_aliases", TenantAlias.Lifetime,
            (db, now, most, cancellationToken) => db.Set<TenantAlias>().Where(a => a.EndsAt < now).Take(most)
                .ExecuteDeleteAsync(cancellationToken)));
        return services;
    }
}
