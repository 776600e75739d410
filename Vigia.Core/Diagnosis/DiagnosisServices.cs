using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Vigia.Core.TenantSide;

namespace Vigia.Core.Diagnosis;

public static class DiagnosisServices
{
    /// <summary>Registers what explains why a request does or does not reach a tenant's database.</summary>
    public static IServiceCollection AddDiagnosis(this IServiceCollection services)
    {
        // An instance that serves staff only reads tokens here, too.
        services.TryAddSingleton<TenantTokens>();
        services.AddScoped<DiagnosisVotes>();
        services.AddScoped<DiagnosisFacts>();
        services.AddScoped<TenantDiagnosis>();
        return services;
    }
}
