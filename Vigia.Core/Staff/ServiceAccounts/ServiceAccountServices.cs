using Microsoft.Extensions.DependencyInjection;

namespace Vigia.Core.Staff.ServiceAccounts;

public static class ServiceAccountServices
{
    /// <summary>Registers service accounts: identities for programs that call the HTTP API.</summary>
    public static IServiceCollection AddServiceAccounts(this IServiceCollection services)
    {
        services.AddScoped<ServiceAccountService>();
        services.AddScoped<ServiceAccountDirectory>();
        services.AddSingleton<ServiceAccountMails>();
        services.AddSingleton<ServiceTokenAuthentication>();
        return services;
    }
}
