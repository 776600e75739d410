using Microsoft.Extensions.DependencyInjection;

namespace Vigia.Core.Startup;

public static class StartupServices
{
    /// <summary>Adds the work that runs before the host starts, and the answer to a moved or copied master.</summary>
    public static IServiceCollection AddStartup(this IServiceCollection services)
    {
        services.AddSingleton<MasterIdentification>();
        services.AddSingleton<MasterChecks>();
        services.AddSingleton<MasterStartup>();
        services.AddSingleton<SafetySettings>();
        services.AddScoped<MasterResolution>();
        return services;
    }
}
