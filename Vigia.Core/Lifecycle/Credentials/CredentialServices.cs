using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Operations;

namespace Vigia.Core.Lifecycle.Credentials;

public static class CredentialServices
{
    /// <summary>Registers the services for the login roles of tenants and their rotation.</summary>
    public static IServiceCollection AddCredentials(this IServiceCollection services)
    {
        services.AddSingleton<RotationSteps>();
        services.AddSingleton<OperationDefinition, RotateCredential>();
        services.AddScoped<CredentialService>();
        services.AddScoped<ConnectionReading>();
        return services;
    }
}
