using Microsoft.Extensions.DependencyInjection;

namespace Vigia.Core.Diagnosis;

public static class DiagnosisServices
{
    /// <summary>Registers what explains why a request does or does not reach a tenant's database.</summary>
    public static IServiceCollection AddDiagnosis(this IServiceCollection services)
    {
        services.AddScoped<DiagnosisVotes>();
        services.AddScoped<DiagnosisFacts>();
        services.AddScoped<TenantDiagnosis>();
        return services;
    }
}
