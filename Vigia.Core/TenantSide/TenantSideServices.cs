using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Vigia.Core.Foundation.Configuration;

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

    /// <summary>
    /// Adds the settings that protect the sign-in of tenants' users. Every instance records them, whatever its roles
    /// are: all instances of a master have the same values.
    /// </summary>
    public static IServiceCollection AddTenantSideSafetySettings(this IServiceCollection services)
    {
        var usual = new TenantSideOptions();
        services.AddSafetySetting<TenantSideOptions>(
            "TenantSide:FailedSignInsPerAccount", side => side.FailedSignInsPerAccount,
            side => SafetySetting.Guessed(side.FailedSignInsPerAccount, usual.FailedSignInsPerAccount));
        services.AddSafetySetting<TenantSideOptions>(
            "TenantSide:FailedSignInsPerAddress", side => side.FailedSignInsPerAddress,
            side => SafetySetting.Guessed(side.FailedSignInsPerAddress, usual.FailedSignInsPerAddress));
        services.AddSafetySetting<TenantSideOptions>(
            "TenantSide:BcryptCost", side => side.BcryptCost,
            side => side.BcryptCost >= usual.BcryptCost ? null
                : $"stolen hashes of passwords are quicker to guess; the default is {usual.BcryptCost}");
        return services;
    }
}
