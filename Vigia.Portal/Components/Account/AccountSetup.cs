using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Vigia.Core.Configuration;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Sessions;

namespace Vigia.Portal.Components.Account;

/// <summary>How staff sign in: a cookie of Identity's, and a row in the master that is looked at with every request and while a page is open.</summary>
public static class AccountSetup
{
    public static IServiceCollection AddStaffSignIn(this IServiceCollection services)
    {
        services.AddAuthentication(options =>
        {
            options.DefaultScheme = IdentityConstants.ApplicationScheme;
            options.DefaultSignInScheme = IdentityConstants.ExternalScheme;
        }).AddIdentityCookies();
        services.AddSignInStep();
        services.AddPasskeys();
        // Stores, password rules and lockout are Core's (StaffServices).
        services.AddIdentityCore<StaffMember>()
            .AddRoles<IdentityRole<Guid>>()
            .AddClaimsPrincipalFactory<StaffClaims>()
            .AddSignInManager();
        services.ConfigureApplicationCookie(options =>
        {
            options.Cookie.Name = "vigia.staff";
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.LoginPath = PortalUrls.SignIn;
            options.LogoutPath = PortalUrls.SignOut;
            options.AccessDeniedPath = PortalUrls.AccessDenied;
            options.ReturnUrlParameter = "returnUrl";
            options.SlidingExpiration = false;
            options.Events.OnValidatePrincipal = CookieCheck.ValidateAsync;

            // The pages say themselves where a person goes on to: the handler would take the address from the query string as it is.
            options.Events.OnRedirectToReturnUrl = _ => Task.CompletedTask;
        });
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme)
            .Configure<IOptions<StaffOptions>>((options, staff) => options.ExpireTimeSpan = TimeSpan.FromHours(staff.Value.SessionHours));
        services.AddOptions<SessionPace>();
        services.AddScoped<SessionPrincipal>();
        services.AddScoped<CookieCheck>();
        services.AddScoped<SessionUnlock>();
        services.AddScoped<PasskeyUnlock>();
        services.AddScoped<CircuitHandler, CircuitSession>();
        services.AddScoped<StaffSession>();
        services.AddScoped<StaffCookie>();
        services.AddScoped<SignInRecord>();
        services.AddScoped<StaffSignIn>();
        services.AddScoped<SignInStep>();
        services.AddSingleton<SignInLimiter>();
        services.AddAuthorization(RightPolicies.Add);
        return services;
    }
}
