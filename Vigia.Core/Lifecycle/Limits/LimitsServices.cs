using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;

namespace Vigia.Core.Lifecycle.Limits;

public static class LimitsServices
{
    /// <summary>Registers the operation that applies changed limits to a tenant's database.</summary>
    public static IServiceCollection AddTenantLimits(this IServiceCollection services) =>
        services.AddSingleton<OperationDefinition, ApplyLimitsOperation>();
}
