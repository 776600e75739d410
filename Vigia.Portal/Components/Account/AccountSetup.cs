using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Account;

/// <summary>How staff sign in: a cookie of Identity's, checked again and again while a page is open.</summary>
public static class AccountSetup
{
    /// <summary>Wrong passwords in a row before an account rests.</summary>
    public const int Tries = 5;

    public static readonly TimeSpan Rest = TimeSpan.FromMinutes(15);
    public static readonly TimeSpan Recheck = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WorkingDay = TimeSpan.FromHours(10);

    public static IServiceCollection AddStaffSignIn(this IServiceCollection services)
    {
        services.AddAuthentication(options =>
        {
            options.DefaultScheme = IdentityConstants.ApplicationScheme;
            options.DefaultSignInScheme = IdentityConstants.ExternalScheme;
        }).AddIdentityCookies();
        services.AddIdentityCore<StaffMember>(options =>
            {
                options.User.RequireUniqueEmail = true;
                options.Lockout.MaxFailedAccessAttempts = Tries;
                options.Lockout.DefaultLockoutTimeSpan = Rest;

                // Length is what counts; rules about signs only make passwords end in "1!".
                options.Password = new PasswordOptions { RequiredLength = 10, RequiredUniqueChars = 4, RequireDigit = false, RequireLowercase = false, RequireUppercase = false, RequireNonAlphanumeric = false };
            })
            .AddRoles<IdentityRole<Guid>>()
            .AddEntityFrameworkStores<MasterContext>()
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
        services.AddScoped<StaffSignIn>();
        services.AddAuthorization();
        return services;
    }
}
