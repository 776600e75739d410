using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Vigia.Portal.Components.Sessions;

/// <summary>Registers the checks of the session behind cookies and open pages, and the lock of both.</summary>
public static class SessionSetup
{
    /// <summary>Call this after the sign-in is registered, because it replaces the check of the cookie.</summary>
    public static IServiceCollection AddStaffSessions(this IServiceCollection services)
    {
        services.ConfigureApplicationCookie(options => options.Events.OnValidatePrincipal = CookieCheck.ValidateAsync);
        services.AddOptions<SessionPace>();
        services.AddScoped<CookieCheck>();
        services.AddScoped<SessionUnlock>();
        services.AddScoped<PasskeyUnlock>();
        services.AddScoped<CircuitHandler, CircuitSession>();
        services.AddSingleton<OpenPages>();
        services.AddScoped<CircuitHandler, CountedCircuit>();
        return services;
    }
}
