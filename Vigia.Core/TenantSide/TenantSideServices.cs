using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Vigia.Core.TenantSide;

public static class TenantSideServices
{
    /// <summary>Adds what the users of tenants do. Tenancy finds their tenant and opens its database.</summary>
    public static IServiceCollection AddTenantSide(this IServiceCollection services)
    {
        services.AddOptions<TenantSideOptions>();
        services.AddSingleton<TenantPasswords>();
        services.TryAddSingleton<TenantTokens>();
        services.AddScoped<TenantSignIn>();
        services.AddScoped<InvitationAcceptance>();
        services.AddSingleton<TenantUserSessions>();
        services.AddSingleton<TenantOverview>();
        services.AddSingleton<TenantUsers>();
        services.AddSingleton<TenantEstablishments>();
        services.AddSingleton<TenantVouchers>();
        return services;
    }
}
