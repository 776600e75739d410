namespace Vigia.Portal.Components.Access;

/// <summary>Provides the actor and their rights to every page and every API call.</summary>
public static class AccessSetup
{
    public static IServiceCollection AddStaffAccess(this IServiceCollection services)
    {
        services.AddScoped<SessionPrincipal>();
        services.AddScoped<StaffSession>();
        services.AddAuthorization(RightPolicies.Add);
        return services;
    }
}
