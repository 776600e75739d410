using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>How staff sign in: a cookie of Identity's, checked again and again while a page is open.</summary>
public static class AccountSetup
{
    public static readonly TimeSpan Recheck = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WorkingDay = TimeSpan.FromHours(10);

    public static IServiceCollection AddStaffSignIn(this IServiceCollection services)
    {
        services.AddAuthentication(options =>
        {
            options.DefaultScheme = IdentityConstants.ApplicationScheme;
            options.DefaultSignInScheme = IdentityConstants.ExternalScheme;
        }).AddIdentityCookies();
        // Stores, password rules and lockout are Core's (StaffServices).
        services.AddIdentityCore<StaffMember>()
            .AddRoles<IdentityRole<Guid>>()
            .AddClaimsPrincipalFactory<StaffClaims>()
            .AddSignInManager()
            .AddDefaultTokenProviders();
        services.ConfigureApplicationCookie(options =>
        {
            options.Cookie.Name = "vigia.staff";
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.LoginPath = PortalUrls.SignIn;
            options.LogoutPath = PortalUrls.SignOut;
            options.AccessDeniedPath = PortalUrls.AccessDenied;
            options.ReturnUrlParameter = "returnUrl";
            options.ExpireTimeSpan = WorkingDay;
            options.SlidingExpiration = true;
        });
        services.Configure<SecurityStampValidatorOptions>(options => options.ValidationInterval = Recheck);
        services.AddScoped<AuthenticationStateProvider, StaffRevalidation>();
        services.AddScoped<StaffSession>();
        services.AddScoped<StaffCookie>();
        services.AddScoped<SignInRecord>();
        services.AddScoped<StaffSignIn>();
        services.AddAuthorization(RightPolicies.Add);
        return services;
    }
}
