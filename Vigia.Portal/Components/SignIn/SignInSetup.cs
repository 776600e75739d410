using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.SignIn;

/// <summary>Configures how staff sign in: a cookie of ASP.NET Core Identity and a row in the master.</summary>
public static class SignInSetup
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
        // Core registers stores and password rules (StaffServices).
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

            // The pages redirect by themselves. The handler would use the unchecked address from the query string.
            options.Events.OnRedirectToReturnUrl = _ => Task.CompletedTask;
        });
        services.AddOptions<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme)
            .Configure<IOptions<StaffOptions>>(
                (options, staff) => options.ExpireTimeSpan = TimeSpan.FromHours(staff.Value.SessionHours));
        services.AddScoped<StaffCookie>();
        services.AddScoped<KnownBrowser>();
        services.AddScoped<SignInRecord>();
        services.AddScoped<StaffSignIn>();
        services.AddScoped<SignInStep>();
        services.AddSingleton<SignInLimiter>();
        return services;
    }
}
